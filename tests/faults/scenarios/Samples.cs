// Messages of every kind, with everything in them set.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Reference.Ffi.Messages;

namespace Scenarios
{
    internal static class Samples
    {
        // Below any that the library gives out, above any that it has.
        private const ulong FirstId = 1UL << 40;

        /// <summary>For each thing that an envelope can carry, one that carries it.</summary>
        internal static List<byte[]> Envelopes<T>(ulong room)
            where T : WireMessage, new()
        {
            ulong next = FirstId;
            List<byte[]> envelopes = new List<byte[]>();
            foreach (PropertyInfo arm in Settable(typeof(T)))
            {
                foreach (PropertyInfo inner in Arms(arm.PropertyType))
                {
                    T envelope = new T();
                    WireMessage message = Filled(arm.PropertyType, inner, room, ref next, 4);
                    arm.SetValue(envelope, message);
                    envelopes.Add(envelope.ToByteArray());
                }
            }

            return envelopes;
        }

        private static IEnumerable<PropertyInfo> Settable(Type type)
        {
            return type.GetProperties(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
                .Where(p => p.DeclaringType == type && (p.CanWrite ? !p.GetSetMethod(true).IsPrivate : p.PropertyType.IsGenericType));
        }

        /// <summary>Each message that a message can hold, one of which is set; nothing once where it holds none.</summary>
        private static IEnumerable<PropertyInfo> Arms(Type type)
        {
            return Settable(type).Where(p => typeof(WireMessage).IsAssignableFrom(p.PropertyType)).DefaultIfEmpty();
        }

        private static WireMessage Filled(Type type, PropertyInfo only, ulong room, ref ulong next, int depth)
        {
            WireMessage message = (WireMessage)Activator.CreateInstance(type, true);
            foreach (PropertyInfo property in Settable(type))
            {
                bool isMessage = typeof(WireMessage).IsAssignableFrom(property.PropertyType);
                if (!isMessage || only == null || property == only)
                {
                    if (!property.CanWrite)
                    {
                        object element = Value(property.PropertyType.GetGenericArguments().First(), room, ref next, depth);
                        object held = property.GetValue(message);
                        if (held is IDictionary)
                        {
                            ((IDictionary)held).Add(element, Value(property.PropertyType.GetGenericArguments().Last(), room, ref next, depth));
                        }
                        else if (element != null)
                        {
                            ((IList)held).Add(element);
                        }

                        continue;
                    }

                    object value = property.Name == "RoomHandle" ? room : Value(property.PropertyType, room, ref next, depth);
                    if (value != null)
                    {
                        property.SetValue(message, value);
                    }
                }
            }

            return message;
        }

        private static object Value(Type type, ulong room, ref ulong next, int depth)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (typeof(WireMessage).IsAssignableFrom(type))
            {
                return depth == 0 ? null : Filled(type, null, room, ref next, depth - 1);
            }

            if (type == typeof(string))
            {
                return "é" + next;
            }

            if (type == typeof(byte[]))
            {
                return new byte[] { 1, 2, 3 };
            }

            if (type == typeof(bool))
            {
                return true;
            }

            if (type == typeof(ulong))
            {
                return next++;
            }

            if (type.IsEnum)
            {
                return Enum.GetValues(type).GetValue(0);
            }

            if (type.IsPrimitive)
            {
                return Convert.ChangeType(7, type);
            }

            return null;
        }
    }
}
