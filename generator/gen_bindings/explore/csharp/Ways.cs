// How scripts get from an object to those below it, and hear of its events; found once for each class.
using System;
using System.Collections;
using System.Collections.Generic;
using System.Reflection;
using System.Reflection.Emit;

namespace GenBindings.Explore
{
    /// <summary>A public property that leads to an object, or to many.</summary>
    internal sealed class Way
    {
        internal Func<object, object> Get;
        internal bool Many;
    }

    internal static class Ways
    {
        private static readonly Dictionary<Type, List<Way>> Known = new Dictionary<Type, List<Way>>();
        private static readonly Dictionary<KeyValuePair<EventInfo, string>, MethodInfo> Handlers = new Dictionary<KeyValuePair<EventInfo, string>, MethodInfo>();

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

            happening.GetAddMethod().Invoke(one, new object[] { Delegate.CreateDelegate(happening.EventHandlerType, listener, method) });
        }

        private static Func<object, object> Getter(PropertyInfo property)
        {
            DynamicMethod made = new DynamicMethod("get", typeof(object), new[] { typeof(object) }, typeof(Ways).Module, true);
            ILGenerator il = made.GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Castclass, property.DeclaringType);
            il.Emit(OpCodes.Callvirt, property.GetGetMethod());
            il.Emit(OpCodes.Ret);
            return (Func<object, object>)made.CreateDelegate(typeof(Func<object, object>));
        }
    }
}
