// Scenarios: methods that somebody wrote, or pairs of members that happen at once.
using System;
using System.Collections.Generic;
using System.Reflection;

namespace GenBindings.Explore
{
    internal static class Scripts
    {
        /// <summary>What a scenario of the job does.</summary>
        internal static Action Of(List<Assembly> assemblies, Node scenario)
        {
            string entry = scenario["entry"].Text;
            int dot = entry.LastIndexOf('.');
            foreach (Assembly assembly in assemblies)
            {
                Type type = assembly.GetType(entry.Substring(0, dot));
                MethodInfo method = type == null ? null : type.GetMethod(entry.Substring(dot + 1), BindingFlags.Static | BindingFlags.Public);
                if (method != null)
                {
                    return (Action)Delegate.CreateDelegate(typeof(Action), method);
                }
            }

            throw new ArgumentException("There is no public static method " + entry + ".");
        }
    }
}
