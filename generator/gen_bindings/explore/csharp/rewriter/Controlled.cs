// Which members of the class library are the scheduler's, which do no harm, and which are refused.
using System;
using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace GenBindings.Rewriting
{
    internal static class Controlled
    {
        private const string Shims = "GenBindings.Explore.Shims";

        // Nothing in them waits, and nothing in them is shared between threads.
        private static readonly HashSet<string> Harmless = new HashSet<string>
        {
            "System.Threading.ThreadStart", "System.Threading.ParameterizedThreadStart", "System.Threading.TimerCallback",
            "System.Threading.SendOrPostCallback", "System.Threading.WaitCallback", "System.Threading.Timeout",
            "System.Threading.SynchronizationLockException", "System.Threading.ThreadStateException",
            "System.Threading.ThreadPriority", "System.Threading.LockRecursionException",
            "System.Runtime.CompilerServices.AsyncStateMachineAttribute", "System.Runtime.CompilerServices.IAsyncStateMachine",
            "System.Runtime.CompilerServices.INotifyCompletion", "System.Runtime.CompilerServices.ICriticalNotifyCompletion",
            "System.Threading.ThreadAbortException", "System.Threading.Tasks.TaskCreationOptions",
            "System.Threading.Tasks.TaskContinuationOptions", "System.Threading.Tasks.TaskCanceledException",
            "System.Threading.Tasks.TaskStatus",
        };

        private static readonly HashSet<string> OtherThreading = new HashSet<string>
        {
            "System.Lazy`1", "System.Runtime.CompilerServices.ConditionalWeakTable`2", "System.ComponentModel.BackgroundWorker",
            "System.Progress`1", "System.WeakReference", "System.WeakReference`1", "System.GC",
            "System.Runtime.InteropServices.SafeHandle", "System.Runtime.InteropServices.CriticalHandle",
            "System.Runtime.CompilerServices.YieldAwaitable", "System.Runtime.CompilerServices.RuntimeHelpers/PrepareConstrainedRegions",
        };

        private static readonly Dictionary<string, string> Calls = new Dictionary<string, string>
        {
            { "System.DateTime::get_UtcNow", "Time.UtcNow" },
            { "System.DateTime::get_Now", "Time.Now" },
            { "System.Environment::get_TickCount", "Time.TickCount" },
            { "System.Runtime.InteropServices.Marshal::GetFunctionPointerForDelegate", "Pointers.Of" },
            { "System.Runtime.InteropServices.Marshal::GetDelegateForFunctionPointer", "Pointers.Find" },
        };

        /// <summary>Points references to types at the classes of the same names in the scheduler's assembly.</summary>
        internal static void Redirect(Rewriter rewriter)
        {
            ModuleDefinition runtime = rewriter.Output.Runtime;
            IMetadataScope scope = rewriter.ShadowType.Scope;
            foreach (TypeReference type in rewriter.Module.GetTypeReferences().ToList())
            {
                if (IsControlledSpace(type) && runtime.GetType(Shims + "." + type.Name) != null && type.DeclaringType == null)
                {
                    type.Namespace = Shims;
                    type.Scope = scope;
                }
            }
        }

        /// <summary>The member that stands for a call, or null.</summary>
        internal static MethodReference Replacement(Rewriter rewriter, MethodReference called)
        {
            string name;
            if (!Calls.TryGetValue(called.DeclaringType.FullName + "::" + called.Name, out name))
            {
                return null;
            }

            string[] parts = name.Split('.');
            TypeDefinition type = rewriter.Output.Runtime.GetType(Shims + "." + parts[0]);
            GenericInstanceMethod generic = called as GenericInstanceMethod;
            MethodDefinition found = type.Methods.FirstOrDefault(m => m.Name == parts[1] && m.HasGenericParameters == (generic != null) && m.Parameters.Count == called.Parameters.Count);
            if (found == null)
            {
                throw new RefusedException(called.FullName + " is not controlled.");
            }

            MethodReference imported = rewriter.Module.ImportReference(found);
            if (generic == null)
            {
                return imported;
            }

            GenericInstanceMethod instance = new GenericInstanceMethod(imported);
            foreach (TypeReference argument in generic.GenericArguments)
            {
                instance.GenericArguments.Add(argument);
            }

            return instance;
        }

        internal static bool IsShim(TypeReference type)
        {
            return type.GetElementType().Namespace == Shims;
        }

        /// <summary>Ends the work where the assembly uses a threading member that would run uncontrolled.</summary>
        internal static void Refuse(Rewriter rewriter, IEnumerable<TypeDefinition> types)
        {
            List<string> refused = new List<string>();
            foreach (MethodDefinition method in types.SelectMany(t => t.Methods))
            {
                if (method.IsSynchronized)
                {
                    refused.Add("[MethodImpl(MethodImplOptions.Synchronized)] at " + Output.Plainly(method.DeclaringType) + "." + method.Name);
                }

                if (!method.HasBody)
                {
                    continue;
                }

                foreach (Instruction instruction in method.Body.Instructions)
                {
                    MethodReference called = instruction.Operand as MethodReference;
                    string why = called == null ? null : WhyNot(rewriter, called);
                    if (why != null)
                    {
                        int site = rewriter.Output.Site(rewriter, method, instruction);
                        refused.Add(why + " at " + rewriter.Output.Sites[site]);
                    }
                }
            }

            if (refused.Count > 0)
            {
                throw new RefusedException(
                    "These threading members are not controlled, so no schedule could be promised: "
                    + string.Join("; ", refused.Distinct().Take(12)) + (refused.Count > 12 ? "; and " + (refused.Count - 12) + " more" : string.Empty) + ".");
            }
        }

        private static string WhyNot(Rewriter rewriter, MethodReference called)
        {
            TypeReference type = called.DeclaringType.GetElementType();
            if (type is TypeDefinition)
            {
                TypeDefinition definition = (TypeDefinition)type;
                bool isDelegate = definition.BaseType != null && definition.BaseType.FullName == "System.MulticastDelegate";
                return isDelegate && (called.Name == "BeginInvoke" || called.Name == "EndInvoke") ? called.Name + " of the delegate " + type.Name : null;
            }

            if (IsShim(type))
            {
                TypeDefinition shim = rewriter.Output.Runtime.GetType(Shims + "." + type.Name);
                bool there = false;
                for (TypeDefinition at = shim; at != null && !there; at = at.BaseType == null || at.BaseType.Namespace != Shims ? null : at.BaseType.Resolve())
                {
                    there = at.Methods.Any(m => m.Name == called.Name && m.Parameters.Count == called.Parameters.Count && m.GenericParameters.Count == called.GetElementMethod().GenericParameters.Count && SameParameters(m, called.GetElementMethod()));
                }

                return there || called.Name == "GetType" || called.Name == "ToString" || called.Name == "GetHashCode" || called.Name == "Equals" ? null : type.Name + "." + called.Name;
            }

            if (called.Name == "BeginInvoke" || called.Name == "EndInvoke")
            {
                return type.Name + "." + called.Name;
            }

            TypeReference outer = type;
            while (outer.DeclaringType != null)
            {
                outer = outer.DeclaringType;
            }

            return IsControlledSpace(outer) && !Harmless.Contains(outer.FullName) ? outer.FullName + "." + called.Name : null;
        }

        private static bool SameParameters(MethodReference one, MethodReference other)
        {
            for (int i = 0; i < one.Parameters.Count; i++)
            {
                TypeReference first = one.Parameters[i].ParameterType;
                TypeReference second = other.Parameters[i].ParameterType;
                if (!first.IsGenericParameter && !first.ContainsGenericParameter && first.Name != second.Name)
                {
                    return false;
                }
            }

            return true;
        }

        private static bool IsControlledSpace(TypeReference type)
        {
            string name = type.Namespace;
            if (name == "System.Threading" || name == "System.Threading.Tasks" || name == "System.Timers" || name == "System.Collections.Concurrent" || name == "System.Threading.Tasks.Sources")
            {
                return !Harmless.Contains(type.FullName);
            }

            if (name == "System.Runtime.CompilerServices")
            {
                return (type.Name.StartsWith("Async") || type.Name.StartsWith("Task") || type.Name.StartsWith("Configured") || type.Name.StartsWith("ValueTask") || OtherThreading.Contains(type.FullName))
                    && !Harmless.Contains(type.FullName);
            }

            return OtherThreading.Contains(type.FullName) || name == "Microsoft.Win32.SafeHandles" || type.FullName == "System.Diagnostics.Stopwatch";
        }
    }
}
