// Where rewritten code leaves the program: imported functions, function pointers, fields of a thread.
using System;
using System.Collections.Generic;

namespace GenBindings.Explore
{
    /// <summary>What the bodies of imported functions call.</summary>
    public static class Boundary
    {
        public static object Call(string name, object[] arguments)
        {
            if (Scheduler.Unwinding)
            {
                throw new RunOverException();
            }

            return Library.Current.Call(name, arguments);
        }

        /// <summary>A result as the type that the declaration says.</summary>
        public static object As(object value, RuntimeTypeHandle handle)
        {
            Type type = Type.GetTypeFromHandle(handle);
            if (value != null && value.GetType() == type)
            {
                return value;
            }

            if (!type.IsValueType)
            {
                return value;
            }

            long number = value == null ? 0 : Convert.ToInt64(value);
            return type == typeof(IntPtr) ? (object)(IntPtr)number : type == typeof(UIntPtr) ? (object)(UIntPtr)(ulong)number
                : type == typeof(bool) ? (object)(number != 0) : type == typeof(ulong) ? (object)(ulong)number
                : type.IsEnum || type.IsPrimitive ? Convert.ChangeType(number, type.IsEnum ? Enum.GetUnderlyingType(type) : type) : Activator.CreateInstance(type);
        }
    }

    /// <summary>Fields that each thread has for itself.</summary>
    public static class OfThread
    {
        public static ref T Place<T>(int field)
        {
            return ref Find<T>(field).Value;
        }

        public static void Set<T>(T value, int field)
        {
            Find<T>(field).Value = value;
        }

        private static Slot<T> Find<T>(int field)
        {
            Fiber fiber = Scheduler.Current;
            if (field >= fiber.Slots.Length)
            {
                Array.Resize(ref fiber.Slots, field + 8);
            }

            Slot<T> slot = (Slot<T>)fiber.Slots[field];
            if (slot == null)
            {
                slot = new Slot<T>();
                fiber.Slots[field] = slot;
            }

            return slot;
        }

        private sealed class Slot<T>
        {
            internal T Value;
        }
    }

    namespace Shims
    {
        /// <summary>Function pointers are numbers for delegates here.</summary>
        public static class Pointers
        {
            private static readonly List<Delegate> Known = new List<Delegate>();

            public static IntPtr Of(Delegate target)
            {
                int at = Known.IndexOf(target);
                if (at < 0)
                {
                    at = Known.Count;
                    Known.Add(target);
                }

                return new IntPtr(at + 1);
            }

            public static IntPtr Of<T>(T target)
            {
                return Of((Delegate)(object)target);
            }

            public static T Find<T>(IntPtr pointer)
            {
                return (T)(object)Known[(int)pointer - 1];
            }

            internal static void Forget()
            {
                Known.Clear();
            }

            internal static Delegate Get(object value)
            {
                return value as Delegate ?? Known[(int)(IntPtr)value - 1];
            }
        }
    }
}
