// How scripts get from an object to those below it, and hear of its events; found once for each class.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Reflection;
using System.Reflection.Emit;

namespace GenBindings.Explore
{
    /// <summary>The objects whose inline handlers run.</summary>
    internal sealed class Handling
    {
        internal readonly Cell Cell = new Cell();
        internal readonly List<object> Objects = new List<object>();

        internal void Enter(object one)
        {
            Trace.Add("an inline handler begins");
            Cell.Visible(true);
            Objects.Add(one);
        }

        internal void Leave(object one)
        {
            Trace.Add("an inline handler ends");
            Cell.Visible(true);
            Objects.Remove(one);
        }
    }

    /// <summary>A public property that leads to an object, or to many.</summary>
    internal sealed class Way
    {
        internal Func<object, object> Get;
        internal bool Many;
    }

    internal static class Ways
    {
        private static readonly Dictionary<KeyValuePair<Type, string>, Func<object, object>> Properties = new Dictionary<KeyValuePair<Type, string>, Func<object, object>>();
        private static readonly Dictionary<KeyValuePair<Type, string>, EventInfo> Events = new Dictionary<KeyValuePair<Type, string>, EventInfo>();
        private static readonly Dictionary<Type, List<Way>> Known = new Dictionary<Type, List<Way>>();
        private static readonly Dictionary<KeyValuePair<EventInfo, string>, MethodInfo> Handlers = new Dictionary<KeyValuePair<EventInfo, string>, MethodInfo>();

        private static readonly Dictionary<KeyValuePair<EventInfo, string>, Adder> Adders = new Dictionary<KeyValuePair<EventInfo, string>, Adder>();

        /// <summary>An event of a class by its name, or null.</summary>
        internal static EventInfo Event(Type type, string name)
        {
            KeyValuePair<Type, string> key = new KeyValuePair<Type, string>(type, name);
            EventInfo found;
            if (!Events.TryGetValue(key, out found))
            {
                found = type.GetEvent(name, BindingFlags.Instance | BindingFlags.Public);
                Events.Add(key, found);
            }

            return found;
        }

        private sealed class Adder
        {
            internal Type Type;
            internal MethodInfo Method;
        }

        internal static List<Way> From(Type type, Func<Type, bool> isObject)
        {
            List<Way> ways;
            if (Known.TryGetValue(type, out ways))
            {
                return ways;
            }

            ways = new List<Way>();
            foreach (PropertyInfo property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public))
            {
                Type value = property.PropertyType;
                bool many = value != typeof(string) && typeof(IEnumerable).IsAssignableFrom(value) && value.IsGenericType && isObject(value.GetGenericArguments()[0]);
                if (property.GetIndexParameters().Length == 0 && (many || isObject(value)))
                {
                    ways.Add(new Way { Get = Getter(property), Many = many });
                }
            }

            Known.Add(type, ways);
            return ways;
        }

        /// <summary>Lets a generic method of a listener hear an event.</summary>
        internal static void Add(EventInfo happening, object one, object listener, string name)
        {
            KeyValuePair<EventInfo, string> key = new KeyValuePair<EventInfo, string>(happening, name);
            MethodInfo method;
            if (!Handlers.TryGetValue(key, out method))
            {
                Type arguments = happening.EventHandlerType.GetMethod("Invoke").GetParameters()[1].ParameterType;
                method = listener.GetType().GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic).MakeGenericMethod(arguments);
                Handlers.Add(key, method);
            }

            Adder add;
            if (!Adders.TryGetValue(key, out add))
            {
                add = new Adder { Type = happening.EventHandlerType, Method = happening.GetAddMethod() };
                Adders.Add(key, add);
            }

            add.Method.Invoke(one, new object[] { Delegate.CreateDelegate(add.Type, listener, method) });
        }

        internal static bool Has(object one, string name)
        {
            return Property(one.GetType(), name) != null;
        }

        internal static object Read(object one, string name)
        {
            return Property(one.GetType(), name)(one);
        }

        private static Func<object, object> Property(Type type, string name)
        {
            KeyValuePair<Type, string> key = new KeyValuePair<Type, string>(type, name);
            Func<object, object> getter;
            if (!Properties.TryGetValue(key, out getter))
            {
                PropertyInfo property = type.IsValueType ? null : type.GetProperty(name);
                getter = property == null ? null : Getter(property);
                Properties.Add(key, getter);
            }

            return getter;
        }

        private static Func<object, object> Getter(PropertyInfo property)
        {
            DynamicMethod made = new DynamicMethod("get", typeof(object), new[] { typeof(object) }, typeof(Ways).Module, true);
            ILGenerator il = made.GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Castclass, property.DeclaringType);
            il.Emit(OpCodes.Callvirt, property.GetGetMethod());
            if (property.PropertyType.IsValueType)
            {
                il.Emit(OpCodes.Box, property.PropertyType);
            }

            il.Emit(OpCodes.Ret);
            return (Func<object, object>)made.CreateDelegate(typeof(Func<object, object>));
        }
    }
}
