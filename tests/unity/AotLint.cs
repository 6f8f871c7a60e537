// What full ahead-of-time compilation asks of an assembly, read from its code.
using System;
using System.Collections.Generic;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.InteropServices;

namespace UnityLint
{
    public static class AotLint
    {
        private const BindingFlags All =
            BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

        private static readonly Dictionary<int, OpCode> Codes = ReadCodes();

        // One line for each breach, and for each callback that keeps the rules: "callback: ...".
        public static string[] Check(Assembly assembly)
        {
            List<string> found = new List<string>();
            HashSet<Type> native = NativeDelegates(assembly);
            foreach (Type type in native)
            {
                if (type.IsGenericType || IsInGeneric(type))
                {
                    found.Add("generic delegate: " + type);
                }
            }

            foreach (Type type in assembly.GetTypes())
            {
                foreach (MethodBase method in MethodsOf(type))
                {
                    if (Attribute(method) != null && (!method.IsStatic || method.IsGenericMethod || IsInGeneric(method.DeclaringType)))
                    {
                        found.Add("attribute on a method that cannot be called back: " + Name(method));
                    }

                    CheckBody(method, native, found);
                }
            }

            return found.ToArray();
        }

        // The name of the assembly that brings the attribute on the callbacks.
        public static string AttributeComesFrom(Assembly assembly)
        {
            foreach (Type type in assembly.GetTypes())
            {
                foreach (MethodBase method in MethodsOf(type))
                {
                    CustomAttributeData attribute = Attribute(method);
                    if (attribute != null)
                    {
                        return attribute.Constructor.DeclaringType.Assembly.GetName().Name;
                    }
                }
            }

            return null;
        }

        private static void CheckBody(MethodBase method, HashSet<Type> native, List<string> found)
        {
            MethodBody body = method.GetMethodBody();
            if (body == null)
            {
                return;
            }

            MethodBase loaded = null;
            foreach (KeyValuePair<OpCode, int> step in Instructions(body.GetILAsByteArray()))
            {
                OpCode code = step.Key;
                if (code.OperandType != OperandType.InlineMethod)
                {
                    continue;
                }

                MethodBase operand = Resolve(method, step.Value);
                if (code == OpCodes.Ldftn || code == OpCodes.Ldvirtftn)
                {
                    loaded = operand;
                    continue;
                }

                if (code == OpCodes.Newobj && loaded != null && native.Contains(Definition(operand.DeclaringType)))
                {
                    found.Add(Judge(loaded, operand.DeclaringType) + " in " + Name(method));
                }
                else if (IsDynamic(operand))
                {
                    found.Add("needs what stripping may remove: " + Name(operand) + " in " + Name(method));
                }

                loaded = null;
            }
        }

        private static string Judge(MethodBase target, Type type)
        {
            CustomAttributeData attribute = Attribute(target);
            if (!target.IsStatic)
            {
                return "instance callback: " + Name(target);
            }

            if (target.IsGenericMethod || IsInGeneric(target.DeclaringType))
            {
                return "generic callback: " + Name(target);
            }

            if (attribute == null)
            {
                return "callback without attribute: " + Name(target);
            }

            Type named = attribute.ConstructorArguments.Count == 0 ? null : attribute.ConstructorArguments[0].Value as Type;
            return (named == type ? "callback: " : "attribute names another delegate: ") + Name(target);
        }

        // Delegates that reach native code: marked so, a parameter of an entry point, or made into a pointer.
        private static HashSet<Type> NativeDelegates(Assembly assembly)
        {
            HashSet<Type> native = new HashSet<Type>();
            foreach (Type type in assembly.GetTypes())
            {
                if (typeof(Delegate).IsAssignableFrom(type) && type.IsDefined(typeof(UnmanagedFunctionPointerAttribute), false))
                {
                    native.Add(Definition(type));
                }

                foreach (MethodInfo method in type.GetMethods(All))
                {
                    if ((method.Attributes & MethodAttributes.PinvokeImpl) == 0)
                    {
                        continue;
                    }

                    foreach (ParameterInfo parameter in method.GetParameters())
                    {
                        if (typeof(Delegate).IsAssignableFrom(parameter.ParameterType))
                        {
                            native.Add(Definition(parameter.ParameterType));
                        }
                    }
                }

                foreach (MethodBase method in MethodsOf(type))
                {
                    AddPointers(method, native);
                }
            }

            return native;
        }

        // The field that is loaded right before is what is made into a pointer.
        private static void AddPointers(MethodBase method, HashSet<Type> native)
        {
            MethodBody body = method.GetMethodBody();
            Type last = null;
            foreach (KeyValuePair<OpCode, int> step in Instructions(body == null ? new byte[0] : body.GetILAsByteArray()))
            {
                if (step.Key.OperandType == OperandType.InlineField)
                {
                    last = ResolveField(method, step.Value).FieldType;
                }
                else if (step.Key.OperandType == OperandType.InlineMethod)
                {
                    MethodBase called = Resolve(method, step.Value);
                    if (called.Name == "GetFunctionPointerForDelegate" && last != null && typeof(Delegate).IsAssignableFrom(last))
                    {
                        native.Add(Definition(last));
                    }

                    last = called.IsConstructor ? called.DeclaringType : null;
                }
            }
        }

        private static bool IsDynamic(MethodBase method)
        {
            Type type = method.DeclaringType;
            if (type == null || type.Namespace == null || type.Assembly != typeof(object).Assembly)
            {
                return type != null && type.Namespace == "System.Linq.Expressions";
            }

            // Comparing types and telling their names needs no member to be found by name.
            if (method.Name == "GetTypeFromHandle" || method.Name == "get_Name" || method.Name.StartsWith("op_", StringComparison.Ordinal))
            {
                return false;
            }

            return type == typeof(Type)
                || (type == typeof(Activator) && !method.IsGenericMethod)
                || type.Namespace.StartsWith("System.Reflection", StringComparison.Ordinal);
        }

        private static CustomAttributeData Attribute(MethodBase method)
        {
            foreach (CustomAttributeData attribute in method.GetCustomAttributesData())
            {
                if (attribute.Constructor.DeclaringType.FullName == "AOT.MonoPInvokeCallbackAttribute")
                {
                    return attribute;
                }
            }

            return null;
        }

        private static IEnumerable<MethodBase> MethodsOf(Type type)
        {
            foreach (MethodBase method in type.GetMethods(All))
            {
                yield return method;
            }

            foreach (MethodBase constructor in type.GetConstructors(All))
            {
                yield return constructor;
            }
        }

        private static IEnumerable<KeyValuePair<OpCode, int>> Instructions(byte[] il)
        {
            int at = 0;
            while (at < il.Length)
            {
                int value = il[at++];
                if (value == 0xFE)
                {
                    value = 0xFE00 | il[at++];
                }

                OpCode code = Codes[value];
                int operand = code.OperandType == OperandType.InlineNone || at + 4 > il.Length ? 0 : BitConverter.ToInt32(il, at);
                at += code.OperandType == OperandType.InlineSwitch ? 4 + (4 * operand) : Size(code.OperandType);
                yield return new KeyValuePair<OpCode, int>(code, operand);
            }
        }

        private static int Size(OperandType type)
        {
            switch (type)
            {
                case OperandType.InlineNone:
                    return 0;
                case OperandType.ShortInlineBrTarget:
                case OperandType.ShortInlineI:
                case OperandType.ShortInlineVar:
                    return 1;
                case OperandType.InlineVar:
                    return 2;
                case OperandType.InlineI8:
                case OperandType.InlineR:
                    return 8;
                default:
                    return 4;
            }
        }

        private static MethodBase Resolve(MethodBase within, int token)
        {
            return within.Module.ResolveMethod(token, OfType(within), OfMethod(within));
        }

        private static FieldInfo ResolveField(MethodBase within, int token)
        {
            return within.Module.ResolveField(token, OfType(within), OfMethod(within));
        }

        private static Type[] OfType(MethodBase within)
        {
            return within.DeclaringType.IsGenericType ? within.DeclaringType.GetGenericArguments() : null;
        }

        private static Type[] OfMethod(MethodBase within)
        {
            return within.IsGenericMethod ? within.GetGenericArguments() : null;
        }

        private static Type Definition(Type type)
        {
            return type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        }

        private static bool IsInGeneric(Type type)
        {
            for (Type at = type; at != null; at = at.DeclaringType)
            {
                if (at.IsGenericType)
                {
                    return true;
                }
            }

            return false;
        }

        private static string Name(MethodBase method)
        {
            return method.DeclaringType.FullName + "." + method.Name;
        }

        private static Dictionary<int, OpCode> ReadCodes()
        {
            Dictionary<int, OpCode> codes = new Dictionary<int, OpCode>();
            foreach (FieldInfo field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
            {
                OpCode code = (OpCode)field.GetValue(null);
                codes[code.Value & 0xFFFF] = code;
            }

            return codes;
        }
    }
}
