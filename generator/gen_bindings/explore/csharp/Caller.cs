// Calls members with arguments that are made from their types.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using System.Reflection.Emit;

namespace GenBindings.Explore
{
    internal sealed class Caller
    {
        private readonly Stage _stage;
        private readonly Dictionary<MethodInfo, Func<object, object[], object>> _calls = new Dictionary<MethodInfo, Func<object, object[], object>>();

        private readonly Dictionary<MethodInfo, ParameterInfo[]> _parameters = new Dictionary<MethodInfo, ParameterInfo[]>();

        private readonly Dictionary<ParameterInfo, object> _values = new Dictionary<ParameterInfo, object>();

        internal Caller(Stage stage)
        {
            _stage = stage;
        }

        internal object Invoke(object on, MethodInfo method, object[] arguments)
        {
            arguments = arguments ?? Arguments(method, null);
            Func<object, object[], object> call;
            if (!_calls.TryGetValue(method, out call))
            {
                call = Compile(method);
                _calls.Add(method, call);
            }

            return call(on, arguments);
        }

        internal object[] Arguments(MethodInfo method, Shims.CancellationTokenSource cancellation)
        {
            ParameterInfo[] parameters;
            if (!_parameters.TryGetValue(method, out parameters))
            {
                parameters = method.GetParameters();
                _parameters.Add(method, parameters);
            }

            return parameters.Select(p => Argument(p, cancellation)).ToArray();
        }

        private object Argument(ParameterInfo parameter, Shims.CancellationTokenSource cancellation)
        {
            Type type = parameter.ParameterType;
            if (type == typeof(Shims.CancellationToken))
            {
                return cancellation == null ? default(Shims.CancellationToken) : cancellation.Token;
            }

            object value;
            if (!_values.TryGetValue(parameter, out value))
            {
                value = _stage.IsObject(type) && !parameter.IsOptional ? new Wanted { Name = type.Name } : Constant(parameter);
                _values.Add(parameter, value);
            }

            Wanted wanted = value as Wanted;
            return wanted == null ? value : _stage.Supply(wanted.Name);
        }

        private static object Constant(ParameterInfo parameter)
        {
            Type type = parameter.ParameterType;
            if (parameter.IsOptional && parameter.DefaultValue != null && parameter.DefaultValue != DBNull.Value && parameter.DefaultValue != Missing.Value)
            {
                return type.IsEnum ? Enum.ToObject(type, parameter.DefaultValue) : parameter.DefaultValue;
            }

            return parameter.IsOptional && !type.IsValueType ? null : Made(type);
        }

        private static object Made(Type type)
        {
            Type nullable = Nullable.GetUnderlyingType(type);
            if (nullable != null)
            {
                return null;
            }

            if (type == typeof(string))
            {
                return "x";
            }

            if (IsSpan(type))
            {
                return Array.CreateInstance(type.GetGenericArguments()[0], 480);
            }

            if (type.IsArray)
            {
                return Array.CreateInstance(type.GetElementType(), 0);
            }

            if (type.IsEnum)
            {
                return Enum.GetValues(type).GetValue(0);
            }

            if (type == typeof(bool))
            {
                return false;
            }

            if (type.IsPrimitive)
            {
                return Convert.ChangeType(10, type);
            }

            if (type.IsValueType)
            {
                return Activator.CreateInstance(type);
            }

            if (type.IsInterface && type.IsGenericType)
            {
                Type[] arguments = type.GetGenericArguments();
                Type made = arguments.Length == 2 ? typeof(Dictionary<,>).MakeGenericType(arguments) : typeof(List<>).MakeGenericType(arguments);
                return Activator.CreateInstance(made);
            }

            if (typeof(Delegate).IsAssignableFrom(type) || type.GetConstructor(Type.EmptyTypes) == null)
            {
                return null;
            }

            object message = Activator.CreateInstance(type);
            foreach (PropertyInfo property in type.GetProperties().Where(p => p.CanWrite && p.GetIndexParameters().Length == 0))
            {
                if (property.PropertyType == typeof(string) && property.GetValue(message, null) == null)
                {
                    property.SetValue(message, "x", null);
                }
                else if (property.PropertyType == typeof(byte[]) && property.GetValue(message, null) == null)
                {
                    property.SetValue(message, new byte[1], null);
                }
            }

            return message;
        }

        private static bool IsSpan(Type type)
        {
            return type.IsGenericType && (type.FullName.StartsWith("System.Span`1") || type.FullName.StartsWith("System.ReadOnlySpan`1"));
        }

        /// <summary>A call that takes arrays where the member takes spans, which cannot be boxed.</summary>
        private static Func<object, object[], object> Compile(MethodInfo method)
        {
            DynamicMethod made = new DynamicMethod("call", typeof(object), new[] { typeof(object), typeof(object[]) }, typeof(Caller).Module, true);
            ILGenerator il = made.GetILGenerator();
            if (!method.IsStatic)
            {
                il.Emit(OpCodes.Ldarg_0);
                il.Emit(OpCodes.Castclass, method.DeclaringType);
            }

            ParameterInfo[] parameters = method.GetParameters();
            for (int i = 0; i < parameters.Length; i++)
            {
                Type type = parameters[i].ParameterType;
                if (type.IsByRef || type.IsPointer)
                {
                    throw new NotScriptedException(method.Name + " takes its " + parameters[i].Name + " by reference");
                }

                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Ldc_I4, i);
                il.Emit(OpCodes.Ldelem_Ref);
                if (IsSpan(type))
                {
                    Type array = type.GetGenericArguments()[0].MakeArrayType();
                    il.Emit(OpCodes.Castclass, array);
                    il.Emit(OpCodes.Newobj, type.GetConstructor(new[] { array }));
                }
                else
                {
                    il.Emit(OpCodes.Unbox_Any, type);
                }
            }

            il.Emit(method.IsVirtual ? OpCodes.Callvirt : OpCodes.Call, method);
            if (method.ReturnType == typeof(void))
            {
                il.Emit(OpCodes.Ldnull);
            }
            else if (method.ReturnType.IsValueType)
            {
                il.Emit(OpCodes.Box, method.ReturnType);
            }

            il.Emit(OpCodes.Ret);
            return (Func<object, object[], object>)made.CreateDelegate(typeof(Func<object, object[], object>));
        }

        /// <summary>Stands for an object of a class, which each run has another one of.</summary>
        private sealed class Wanted
        {
            internal string Name;
        }
    }
}
