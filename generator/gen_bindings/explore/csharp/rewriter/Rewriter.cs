// Rewrites compiled assemblies so that what threads do goes through the scheduler.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.CompilerServices.SymbolWriter;

namespace GenBindings.Rewriting
{
    /// <summary>Something about the input that stands in the way; said to the user as it is.</summary>
    public sealed class RefusedException : Exception
    {
        public RefusedException(string message)
            : base(message)
        {
        }
    }

    public static class Program
    {
        /// <summary>Arguments: folder of the output, the scheduler's assembly, the assemblies, each after those that it refers to.</summary>
        public static int Main(string[] arguments)
        {
            try
            {
                Output output = new Output(arguments[0], arguments[1]);
                foreach (string path in arguments.Skip(2))
                {
                    new Rewriter(output, path).Run();
                }

                output.Save();
                return 0;
            }
            catch (RefusedException refused)
            {
                Console.Error.WriteLine(refused.Message);
                return 2;
            }
            catch (BadImageFormatException)
            {
                Console.Error.WriteLine(arguments[2] + " is not a .NET assembly.");
                return 2;
            }
        }
    }

    /// <summary>What all assemblies of a run share: the numbers of places and fields.</summary>
    internal sealed class Output
    {
        internal readonly string Folder;
        internal readonly ModuleDefinition Runtime;
        internal readonly DefaultAssemblyResolver Resolver = new DefaultAssemblyResolver();
        internal readonly List<string> Sites = new List<string> { "the start" };
        internal readonly List<string> Fields = new List<string>();
        internal readonly List<string> Starts = new List<string>();

        internal Output(string folder, string runtime)
        {
            Folder = folder;
            Resolver.AddSearchDirectory(Path.GetDirectoryName(Path.GetFullPath(runtime)));
            Resolver.AddSearchDirectory(folder);
            Runtime = ModuleDefinition.ReadModule(runtime, new ReaderParameters { AssemblyResolver = Resolver });
        }

        internal int Site(Rewriter rewriter, MethodDefinition method, Instruction instruction)
        {
            Sites.Add(Plainly(method.DeclaringType) + "." + method.Name + rewriter.Line(method, instruction.Offset));
            return Sites.Count - 1;
        }

        internal static string Plainly(TypeReference type)
        {
            string name = type.Name;
            int tick = name.IndexOf('`');
            name = tick < 0 ? name : name.Substring(0, tick);
            return type.DeclaringType == null ? name : Plainly(type.DeclaringType) + "." + name;
        }

        internal void Save()
        {
            File.WriteAllLines(Path.Combine(Folder, "sites.txt"), Sites);
            File.WriteAllLines(Path.Combine(Folder, "fields.txt"), Fields);
            File.WriteAllLines(Path.Combine(Folder, "starts.txt"), Starts);
        }
    }

    internal sealed class Rewriter
    {
        internal readonly Output Output;
        internal readonly ModuleDefinition Module;
        internal readonly Dictionary<FieldDefinition, int> FieldNumbers = new Dictionary<FieldDefinition, int>();
        internal readonly TypeReference ShadowType;
        private readonly string _path;
        private readonly MonoSymbolFile _lines;

        internal Rewriter(Output output, string path)
        {
            Output = output;
            _path = path;
            output.Resolver.AddSearchDirectory(Path.GetDirectoryName(Path.GetFullPath(path)));
            ReaderParameters parameters = new ReaderParameters { AssemblyResolver = output.Resolver };
            _lines = File.Exists(path + ".mdb") ? MonoSymbolFile.ReadSymbolFile(path + ".mdb") : null;
            Module = ModuleDefinition.ReadModule(path, parameters);
            ShadowType = Module.ImportReference(output.Runtime.GetType("GenBindings.Explore.Shadow"));
        }

        internal void Run()
        {
            List<TypeDefinition> types = Module.GetTypes().ToList();
            Controlled.Redirect(this);
            Controlled.Refuse(this, types);
            foreach (TypeDefinition type in types)
            {
                Statics.MakeRepeatable(this, type);
                Finalizers.MakeOrdinary(this, type);
            }

            foreach (TypeDefinition type in types)
            {
                foreach (FieldDefinition field in type.Fields)
                {
                    FieldNumbers[field] = Output.Fields.Count;
                    Output.Fields.Add(Output.Plainly(type) + "." + field.Name);
                }
            }

            foreach (TypeDefinition type in types)
            {
                foreach (MethodDefinition method in type.Methods.ToList())
                {
                    if (method.HasPInvokeInfo && method.IsPInvokeImpl)
                    {
                        Boundaries.GiveBody(this, method);
                    }
                    else if (method.HasBody)
                    {
                        new Bodies(this, method).Rewrite();
                    }
                }
            }

            foreach (TypeDefinition type in types)
            {
                if (!type.IsValueType && !type.IsInterface && type.Fields.Any(field => !field.IsStatic))
                {
                    type.Fields.Add(new FieldDefinition("__shadow", FieldAttributes.Public | FieldAttributes.NotSerialized, ShadowType));
                }
            }

            Statics.List(this, types);
            Module.Write(Path.Combine(Output.Folder, Path.GetFileName(_path)));
        }

        /// <summary>The file and line of an instruction, in brackets; empty where nobody wrote them down.</summary>
        internal string Line(MethodDefinition method, int offset)
        {
            MethodEntry entry = _lines == null ? null : _lines.GetMethodByToken(method.MetadataToken.ToInt32());
            string found = string.Empty;
            if (entry != null)
            {
                foreach (LineNumberEntry line in entry.GetLineNumberTable().LineNumbers)
                {
                    if (line.Offset <= offset && !line.IsHidden)
                    {
                        found = " (" + Path.GetFileName(entry.CompileUnit.SourceFile.FileName) + ":" + line.Row + ")";
                    }
                }
            }

            return found;
        }

        internal MethodReference Import(string type, string method)
        {
            return Module.ImportReference(Output.Runtime.GetType(type).Methods.First(m => m.Name == method));
        }
    }

    /// <summary>Static fields begin anew in each run: their initialisers become ordinary methods.</summary>
    internal static class Statics
    {
        internal const string Name = "__start";

        internal static bool IsThreadStatic(FieldDefinition field)
        {
            return field.HasCustomAttributes && field.CustomAttributes.Any(a => a.AttributeType.Name == "ThreadStaticAttribute");
        }

        internal static void MakeRepeatable(Rewriter rewriter, TypeDefinition type)
        {
            List<FieldDefinition> fields = type.Fields.Where(f => f.IsStatic && !f.IsLiteral && (f.Attributes & FieldAttributes.HasFieldRVA) == 0
                && !IsThreadStatic(f) && !f.Name.StartsWith("<")).ToList();
            if (type.HasGenericParameters || fields.Count == 0 || type.Name.StartsWith("<PrivateImpl"))
            {
                return;
            }

            MethodDefinition start = type.Methods.FirstOrDefault(m => m.Name == ".cctor");
            if (start == null)
            {
                start = new MethodDefinition(Name, MethodAttributes.Static | MethodAttributes.Public, rewriter.Module.TypeSystem.Void);
                start.Body.GetILProcessor().Emit(OpCodes.Ret);
                type.Methods.Add(start);
            }
            else
            {
                start.Name = Name;
                start.Attributes = MethodAttributes.Static | MethodAttributes.Public;
            }

            type.IsBeforeFieldInit = true;
            ILProcessor il = start.Body.GetILProcessor();
            Instruction first = start.Body.Instructions[0];
            foreach (FieldDefinition field in fields)
            {
                field.IsInitOnly = false;
                il.InsertBefore(first, il.Create(OpCodes.Ldsflda, field));
                il.InsertBefore(first, il.Create(OpCodes.Initobj, field.FieldType));
            }
        }

        /// <summary>Names the types in an order in which none reads what a later one sets.</summary>
        internal static void List(Rewriter rewriter, IEnumerable<TypeDefinition> types)
        {
            HashSet<TypeDefinition> done = new HashSet<TypeDefinition>();
            foreach (TypeDefinition type in types)
            {
                Visit(rewriter, type, done);
            }
        }

        private static void Visit(Rewriter rewriter, TypeDefinition type, HashSet<TypeDefinition> done)
        {
            if (!done.Add(type))
            {
                return;
            }

            MethodDefinition start = type.Methods.FirstOrDefault(m => m.Name == Name);
            if (start == null)
            {
                return;
            }

            foreach (Instruction instruction in start.Body.Instructions)
            {
                MemberReference member = instruction.Operand as MemberReference;
                TypeReference declaring = member == null ? null : member.DeclaringType;
                TypeDefinition definition = declaring == null ? null : declaring.GetElementType() as TypeDefinition;
                if (definition == null)
                {
                    continue;
                }

                Visit(rewriter, definition, done);
                MethodDefinition called = (instruction.Operand as MethodReference) as MethodDefinition;
                if (called != null && called.HasBody)
                {
                    foreach (Instruction inner in called.Body.Instructions)
                    {
                        MemberReference used = inner.Operand as MemberReference;
                        TypeDefinition needed = used == null || used.DeclaringType == null ? null : used.DeclaringType.GetElementType() as TypeDefinition;
                        if (needed != null)
                        {
                            Visit(rewriter, needed, done);
                        }
                    }
                }
            }

            rewriter.Output.Starts.Add(type.FullName.Replace('/', '+') + ", " + rewriter.Module.Assembly.Name.Name);
        }
    }

    /// <summary>Finalizers become ordinary methods, called by a thread of the scheduler's.</summary>
    internal static class Finalizers
    {
        internal const string Name = "__Finalize";

        internal static void MakeOrdinary(Rewriter rewriter, TypeDefinition type)
        {
            MethodDefinition finalizer = type.Methods.FirstOrDefault(m => m.Name == "Finalize" && m.IsVirtual && !m.HasParameters && !m.HasGenericParameters);
            if (finalizer == null)
            {
                return;
            }

            finalizer.Name = Name;
            bool root = true;
            for (TypeReference above = type.BaseType; above != null && above.GetElementType() is TypeDefinition; above = ((TypeDefinition)above.GetElementType()).BaseType)
            {
                root = root && !((TypeDefinition)above.GetElementType()).Methods.Any(m => m.Name == "Finalize" || m.Name == Name);
            }

            foreach (Instruction instruction in finalizer.Body.Instructions)
            {
                MethodReference called = instruction.Operand as MethodReference;
                if (called != null && called.Name == "Finalize")
                {
                    if (root || !(called is MethodDefinition))
                    {
                        instruction.OpCode = OpCodes.Pop;
                        instruction.Operand = null;
                    }
                    else
                    {
                        called.Name = Name;
                    }
                }
            }

            if (!root)
            {
                return;
            }

            finalizer.IsNewSlot = true;
            ModuleDefinition module = rewriter.Module;
            TypeDefinition contract = rewriter.Output.Runtime.GetType("GenBindings.Explore.Shims.IFinalized");
            type.Interfaces.Add(new InterfaceImplementation(module.ImportReference(contract)));
            MethodDefinition calls = new MethodDefinition(
                "Finalized",
                MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.NewSlot | MethodAttributes.Final | MethodAttributes.HideBySig,
                module.TypeSystem.Void);
            calls.Overrides.Add(module.ImportReference(contract.Methods[0]));
            ILProcessor il = calls.Body.GetILProcessor();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Callvirt, finalizer);
            il.Emit(OpCodes.Ret);
            type.Methods.Add(calls);
        }
    }

    /// <summary>Imported functions get a body that asks the environment.</summary>
    internal static class Boundaries
    {
        internal static void GiveBody(Rewriter rewriter, MethodDefinition method)
        {
            ModuleDefinition module = rewriter.Module;
            string entry = method.PInvokeInfo.EntryPoint ?? method.Name;
            method.PInvokeInfo = null;
            method.IsPInvokeImpl = false;
            method.IsPreserveSig = false;
            method.ImplAttributes = MethodImplAttributes.IL | MethodImplAttributes.Managed;
            method.Body = new MethodBody(method);
            ILProcessor il = method.Body.GetILProcessor();
            il.Emit(OpCodes.Ldstr, entry);
            il.Emit(OpCodes.Ldc_I4, method.Parameters.Count);
            il.Emit(OpCodes.Newarr, module.TypeSystem.Object);
            foreach (ParameterDefinition parameter in method.Parameters)
            {
                il.Emit(OpCodes.Dup);
                il.Emit(OpCodes.Ldc_I4, parameter.Index);
                il.Emit(OpCodes.Ldarg, parameter);
                TypeReference type = parameter.ParameterType;
                if (type.IsByReference)
                {
                    VariableDefinition pinned = new VariableDefinition(new PinnedType(type));
                    method.Body.Variables.Add(pinned);
                    il.Emit(OpCodes.Stloc, pinned);
                    il.Emit(OpCodes.Ldloc, pinned);
                    il.Emit(OpCodes.Conv_U);
                    il.Emit(OpCodes.Box, module.TypeSystem.IntPtr);
                }
                else if (type.IsPointer)
                {
                    il.Emit(OpCodes.Box, module.TypeSystem.IntPtr);
                }
                else if (type.IsValueType || type.IsPrimitive)
                {
                    il.Emit(OpCodes.Box, type);
                }

                il.Emit(OpCodes.Stelem_Ref);
            }

            il.Emit(OpCodes.Call, rewriter.Import("GenBindings.Explore.Boundary", "Call"));
            TypeReference result = method.ReturnType;
            if (result.MetadataType == MetadataType.Void)
            {
                il.Emit(OpCodes.Pop);
            }
            else if (result.IsPointer)
            {
                il.Emit(OpCodes.Ldtoken, module.TypeSystem.IntPtr);
                il.Emit(OpCodes.Call, rewriter.Import("GenBindings.Explore.Boundary", "As"));
                il.Emit(OpCodes.Unbox_Any, module.TypeSystem.IntPtr);
            }
            else
            {
                il.Emit(OpCodes.Ldtoken, result);
                il.Emit(OpCodes.Call, rewriter.Import("GenBindings.Explore.Boundary", "As"));
                il.Emit(OpCodes.Unbox_Any, result);
            }

            il.Emit(OpCodes.Ret);
        }
    }
}
