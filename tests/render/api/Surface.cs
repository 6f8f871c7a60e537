using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace Compiled
{
    /// <summary>What a runtime sees of the assembly that this class is compiled into.</summary>
    public static class Surface
    {
        private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance
            | BindingFlags.Static | BindingFlags.DeclaredOnly;

        /// <summary>Names of types; names of members with their parameters' types and their own.</summary>
        public static string List(string json)
        {
            var names = new List<string>();
            foreach (Type type in typeof(Surface).Assembly.GetExportedTypes().Where(type => type != typeof(Surface)))
            {
                string owner = Plain(type.FullName);
                if (typeof(Delegate).IsAssignableFrom(type))
                {
                    MethodInfo invoke = type.GetMethod("Invoke");
                    names.Add(owner + Parameters(invoke) + " " + Word(invoke.ReturnType));
                    continue;
                }

                names.Add(owner);
                names.AddRange(type.GetConstructors(Declared).Where(Open)
                    .Select(each => owner + "." + Plain(type.Name) + Parameters(each)));
                names.AddRange(type.GetMethods(Declared)
                    .Where(each => Open(each) && !each.IsSpecialName && each.Name != "Finalize")
                    .Select(each => owner + "." + each.Name + Parameters(each) + " " + Word(each.ReturnType)));
                names.AddRange(type.GetProperties(Declared).Where(each => each.GetAccessors(true).Any(Open))
                    .Select(each => owner + "." + each.Name + " " + Word(each.PropertyType)));
                names.AddRange(type.GetEvents(Declared).Where(each => Open(each.GetAddMethod(true)))
                    .Select(each => owner + "." + each.Name + " " + Word(each.EventHandlerType)));
                names.AddRange(type.GetFields(Declared)
                    .Where(each => (each.IsPublic || each.IsFamily || each.IsFamilyOrAssembly) && !each.IsSpecialName)
                    .Select(each => owner + "." + each.Name + (type.IsEnum ? "" : " " + Word(each.FieldType))));
            }

            return "[" + string.Join(",", names.Select(name => "\"" + name + "\"")) + "]";
        }

        private static bool Open(MethodBase method)
        {
            return method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;
        }

        private static string Parameters(MethodBase method)
        {
            return "(" + string.Join(", ", method.GetParameters().Select(each => Word(each.ParameterType))) + ")";
        }

        private static string Word(Type type)
        {
            Type value = Nullable.GetUnderlyingType(type);
            return value != null ? Word(value) + "?"
                : type.IsArray ? Word(type.GetElementType()) + "[]"
                : type.IsByRef ? Word(type.GetElementType())
                : Plain(type.Name);
        }

        private static string Plain(string name)
        {
            return string.Join(".", name.Split('.', '+').Select(part => part.Split('`')[0]));
        }
    }
}
