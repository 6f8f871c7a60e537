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

        /// <summary>Names of types and members; with the count of parameters where there are any to count.</summary>
        public static string List(string json)
        {
            var names = new List<string>();
            foreach (Type type in typeof(Surface).Assembly.GetExportedTypes().Where(type => type != typeof(Surface)))
            {
                string owner = Plain(type.FullName);
                if (typeof(Delegate).IsAssignableFrom(type))
                {
                    names.Add(owner + Count(type.GetMethod("Invoke")));
                    continue;
                }

                names.Add(owner);
                names.AddRange(type.GetConstructors(Declared).Where(Open)
                    .Select(each => owner + "." + Plain(type.Name) + Count(each)));
                names.AddRange(type.GetMethods(Declared)
                    .Where(each => Open(each) && !each.IsSpecialName && each.Name != "Finalize")
                    .Select(each => owner + "." + each.Name + Count(each)));
                names.AddRange(type.GetProperties(Declared).Where(each => each.GetAccessors(true).Any(Open))
                    .Select(each => owner + "." + each.Name));
                names.AddRange(type.GetEvents(Declared).Where(each => Open(each.GetAddMethod(true)))
                    .Select(each => owner + "." + each.Name));
                names.AddRange(type.GetFields(Declared)
                    .Where(each => (each.IsPublic || each.IsFamily || each.IsFamilyOrAssembly) && !each.IsSpecialName)
                    .Select(each => owner + "." + each.Name));
            }

            return "[" + string.Join(",", names.Select(name => "\"" + name + "\"")) + "]";
        }

        private static bool Open(MethodBase method)
        {
            return !method.IsStatic || !method.IsConstructor
                ? method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly
                : false;
        }

        private static string Count(MethodBase method)
        {
            return "(" + method.GetParameters().Length + ")";
        }

        private static string Plain(string name)
        {
            return string.Join(".", name.Split('.', '+').Select(part => part.Split('`')[0]));
        }
    }
}
