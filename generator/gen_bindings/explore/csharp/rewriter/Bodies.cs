// The body of one method: controlled calls say where they stand, accesses to fields and collections are told.
using System;
using System.Collections.Generic;
using System.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace GenBindings.Rewriting
{
    internal sealed class Bodies
    {
        private const string Races = "GenBindings.Explore.Races";
        private static readonly HashSet<string> Collections = new HashSet<string>
        {
            "System.Collections.Generic.List`1", "System.Collections.Generic.Dictionary`2", "System.Collections.Generic.Queue`1",
            "System.Collections.Generic.Stack`1", "System.Collections.Generic.HashSet`1", "System.Collections.Generic.LinkedList`1",
            "System.Collections.Generic.SortedDictionary`2", "System.Collections.Generic.SortedList`2", "System.Collections.Generic.SortedSet`1",
        };

        private static readonly HashSet<string> Reading = new HashSet<string>
        {
            "get_Item", "get_Count", "ContainsKey", "ContainsValue", "TryGetValue", "Contains", "GetEnumerator", "ToArray", "CopyTo", "Peek",
            "get_Keys", "get_Values", "IndexOf", "LastIndexOf", "Find", "FindIndex", "FindAll", "Exists", "get_Capacity", "get_First", "get_Last",
            "BinarySearch", "ForEach", "GetRange", "TrueForAll", "AsReadOnly", "get_Comparer",
        };

        private static readonly Dictionary<string, OpCode> Wide = new[]
        {
            OpCodes.Br, OpCodes.Brfalse, OpCodes.Brtrue, OpCodes.Beq, OpCodes.Bge, OpCodes.Bgt, OpCodes.Ble, OpCodes.Blt, OpCodes.Bne_Un,
            OpCodes.Bge_Un, OpCodes.Bgt_Un, OpCodes.Ble_Un, OpCodes.Blt_Un, OpCodes.Leave,
        }.ToDictionary(code => code.Name);

        private readonly Rewriter _rewriter;
        private readonly MethodDefinition _method;
        private readonly MethodBody _body;
        private readonly ILProcessor _il;
        private readonly ModuleDefinition _module;
        private readonly HashSet<Instruction> _addresses = new HashSet<Instruction>();

        internal Bodies(Rewriter rewriter, MethodDefinition method)
        {
            _rewriter = rewriter;
            _method = method;
            _body = method.Body;
            _il = _body.GetILProcessor();
            _module = rewriter.Module;
        }

        internal void Rewrite()
        {
            WidenBranches();
            List<Instruction> instructions = _body.Instructions.ToList();
            foreach (Instruction instruction in instructions)
            {
                MethodReference called = instruction.Operand as MethodReference;
                if (called != null && instruction.OpCode.FlowControl == FlowControl.Call)
                {
                    Call(instruction, called);
                }
            }

            // The calls may have moved: what was an instruction is looked at where it is now.
            foreach (Instruction instruction in _body.Instructions.ToList())
            {
                FieldReference field = instruction.Operand as FieldReference;
                FieldDefinition definition = field == null ? null : field.Resolve();
                if (definition != null && definition.Module == _module && !_addresses.Contains(instruction) && definition.Name != "__shadow")
                {
                    Access(instruction, field, definition);
                }
            }

            foreach (ExceptionHandler handler in _body.ExceptionHandlers)
            {
                if (handler.HandlerType == ExceptionHandlerType.Catch && (handler.CatchType.FullName == "System.Exception" || handler.CatchType.FullName == "System.Object"))
                {
                    Insert(handler.HandlerStart, _il.Create(OpCodes.Dup), _il.Create(OpCodes.Call, _rewriter.Import("GenBindings.Explore.Scheduler", "PassOn")));
                }
            }
        }

        /// <summary>What is put between may be more than a short branch reaches over.</summary>
        private void WidenBranches()
        {
            foreach (Instruction instruction in _body.Instructions)
            {
                if (instruction.OpCode.OperandType == OperandType.ShortInlineBrTarget)
                {
                    string name = instruction.OpCode.Name.Substring(0, instruction.OpCode.Name.Length - 2);
                    instruction.OpCode = Wide[name];
                }
            }
        }

        private void Call(Instruction instruction, MethodReference called)
        {
            MethodReference other = Controlled.Replacement(_rewriter, called);
            if (other != null)
            {
                instruction.Operand = other;
                return;
            }

            TypeReference type = called.DeclaringType.GetElementType();
            if (Controlled.IsShim(type))
            {
                List<Instruction> before = new List<Instruction>();
                if (called.Parameters.Count > 0 && called.Parameters[0].ParameterType.IsByReference && (type.Name == "Interlocked" || type.Name == "Volatile"))
                {
                    before.AddRange(Location(instruction, called));
                }

                before.Add(_il.Create(OpCodes.Ldc_I4, _rewriter.Output.Site(_rewriter, _method, instruction)));
                before.Add(_il.Create(OpCodes.Call, _rewriter.Import("GenBindings.Explore.Scheduler", "At")));
                Insert(Anchor(instruction), before.ToArray());
                return;
            }

            MethodDefinition imported = called as MethodDefinition;
            if (imported != null && imported.PInvokeInfo != null || (imported != null && imported.IsPInvokeImpl))
            {
                Insert(Anchor(instruction), _il.Create(OpCodes.Ldc_I4, _rewriter.Output.Site(_rewriter, _method, instruction)), _il.Create(OpCodes.Call, _rewriter.Import("GenBindings.Explore.Scheduler", "At")));
                return;
            }

            if (called.HasThis && instruction.OpCode != OpCodes.Newobj && Collections.Contains(type.FullName))
            {
                Collection(instruction, called);
            }
        }

        private void Collection(Instruction instruction, MethodReference called)
        {
            Instruction producer = Producer(instruction, called.Parameters.Count + 1);
            if (producer == null)
            {
                return;
            }

            VariableDefinition kept = Local(_module.TypeSystem.Object);
            Insert(
                Anchor(instruction),
                _il.Create(OpCodes.Ldloc, kept),
                _il.Create(Reading.Contains(called.Name) ? OpCodes.Ldc_I4_0 : OpCodes.Ldc_I4_1),
                _il.Create(OpCodes.Ldc_I4, _rewriter.Output.Site(_rewriter, _method, instruction)),
                _il.Create(OpCodes.Call, _rewriter.Import(Races, "Collection")));
            Instruction dup = _il.Create(OpCodes.Dup);
            _il.InsertAfter(producer, dup);
            _il.InsertAfter(dup, _il.Create(OpCodes.Stloc, kept));
        }

        /// <summary>Instructions that say which place the first argument is the address of.</summary>
        private IEnumerable<Instruction> Location(Instruction instruction, MethodReference called)
        {
            Instruction producer = Producer(instruction, called.Parameters.Count);
            FieldReference field = producer == null ? null : producer.Operand as FieldReference;
            FieldDefinition definition = field == null ? null : field.Resolve();
            if (definition == null || definition.Module != _module)
            {
                return new[] { _il.Create(OpCodes.Call, _rewriter.Import(Races, "RefUnknown")) };
            }

            if (producer.OpCode == OpCodes.Ldsflda)
            {
                _addresses.Add(producer);
                return new[] { _il.Create(OpCodes.Ldc_I4, _rewriter.FieldNumbers[definition]), _il.Create(OpCodes.Call, _rewriter.Import(Races, "RefStatic")) };
            }

            if (producer.OpCode != OpCodes.Ldflda || definition.DeclaringType.IsValueType)
            {
                return new[] { _il.Create(OpCodes.Call, _rewriter.Import(Races, "RefUnknown")) };
            }

            VariableDefinition owner = Local(field.DeclaringType);
            Instruction address = Insert(producer, _il.Create(OpCodes.Dup), _il.Create(OpCodes.Stloc, owner));
            _addresses.Add(address);
            return new[]
            {
                _il.Create(OpCodes.Ldloc, owner), _il.Create(OpCodes.Ldflda, Shadow(field)), _il.Create(OpCodes.Ldc_I4, Index(definition)),
                _il.Create(OpCodes.Call, _rewriter.Import(Races, "Ref")),
            };
        }

        private void Access(Instruction instruction, FieldReference field, FieldDefinition definition)
        {
            OpCode code = instruction.OpCode;
            bool isVolatile = instruction.Previous != null && instruction.Previous.OpCode == OpCodes.Volatile;
            bool isStatic = definition.IsStatic;
            if (isStatic && Statics.IsThreadStatic(definition))
            {
                OfThread(instruction, definition);
                return;
            }

            if (definition.IsLiteral || definition.Name.StartsWith("<>9") || definition.Name.StartsWith("<>f__") || code == OpCodes.Ldtoken
                || definition.DeclaringType.IsValueType || (isStatic && (_method.Name == Statics.Name || definition.DeclaringType.Name.StartsWith("<PrivateImpl")))
                || (!isStatic && definition.IsInitOnly))
            {
                return;
            }

            bool write = code == OpCodes.Stfld || code == OpCodes.Stsfld || ((code == OpCodes.Ldflda || code == OpCodes.Ldsflda) && WritesThrough(instruction.Next));
            if (isStatic && !definition.DeclaringType.HasGenericParameters)
            {
                List<Instruction> tell = new List<Instruction> { _il.Create(OpCodes.Ldc_I4, _rewriter.FieldNumbers[definition]) };
                tell.AddRange(isVolatile ? new[] { _il.Create(OpCodes.Call, _rewriter.Import(Races, "RefStatic")) } : new[] { SiteOf(instruction), _il.Create(OpCodes.Call, _rewriter.Import(Races, write ? "WriteStatic" : "ReadStatic")) });
                tell.AddRange(isVolatile ? VolatileAccess(instruction, write) : new Instruction[0]);
                Insert(Anchor(instruction), tell.ToArray());
                return;
            }

            if (isStatic)
            {
                return;
            }

            List<Instruction> before = new List<Instruction>();
            VariableDefinition value = null;
            if (code == OpCodes.Stfld)
            {
                value = Local(Inflate(field.FieldType, field.DeclaringType as GenericInstanceType));
                before.Add(_il.Create(OpCodes.Stloc, value));
            }

            before.Add(_il.Create(OpCodes.Dup));
            before.Add(_il.Create(OpCodes.Ldflda, Shadow(field)));
            before.Add(_il.Create(OpCodes.Ldc_I4, Index(definition)));
            if (isVolatile)
            {
                before.Add(_il.Create(OpCodes.Call, _rewriter.Import(Races, "Ref")));
                before.AddRange(VolatileAccess(instruction, write));
            }
            else
            {
                before.Add(_il.Create(OpCodes.Ldc_I4, _rewriter.FieldNumbers[definition]));
                before.Add(SiteOf(instruction));
                before.Add(_il.Create(OpCodes.Call, _rewriter.Import(Races, write ? "Write" : "Read")));
            }

            if (value != null)
            {
                before.Add(_il.Create(OpCodes.Ldloc, value));
            }

            Insert(Anchor(instruction), before.ToArray());
        }

        private IEnumerable<Instruction> VolatileAccess(Instruction instruction, bool write)
        {
            return new[]
            {
                SiteOf(instruction), _il.Create(OpCodes.Call, _rewriter.Import("GenBindings.Explore.Scheduler", "At")),
                _il.Create(write ? OpCodes.Ldc_I4_1 : OpCodes.Ldc_I4_0), _il.Create(OpCodes.Call, _rewriter.Import("GenBindings.Explore.Shims.Memory", "Field")),
            };
        }

        private Instruction SiteOf(Instruction instruction)
        {
            return _il.Create(OpCodes.Ldc_I4, _rewriter.Output.Site(_rewriter, _method, instruction));
        }

        /// <summary>A field that each thread has for itself belongs to the logical thread.</summary>
        private void OfThread(Instruction instruction, FieldDefinition field)
        {
            OpCode code = instruction.OpCode;
            string name = code == OpCodes.Stsfld ? "Set" : "Place";
            GenericInstanceMethod call = new GenericInstanceMethod(_rewriter.Import("GenBindings.Explore.OfThread", name));
            call.GenericArguments.Add(field.FieldType);
            Insert(instruction, _il.Create(OpCodes.Ldc_I4, _rewriter.FieldNumbers[field]), _il.Create(OpCodes.Call, call));
            // What stood there is now the last of what was put in.
            Instruction old = _moved;
            if (code == OpCodes.Ldsfld)
            {
                old.OpCode = OpCodes.Ldobj;
                old.Operand = field.FieldType;
            }
            else
            {
                old.OpCode = OpCodes.Nop;
                old.Operand = null;
            }
        }

        private static bool WritesThrough(Instruction next)
        {
            if (next == null)
            {
                return true;
            }

            MethodReference called = next.Operand as MethodReference;
            return !(next.OpCode == OpCodes.Ldfld || next.OpCode == OpCodes.Ldflda || next.OpCode == OpCodes.Ldobj || (called != null && called.HasThis && called.Parameters.Count == 0));
        }

        private FieldReference Shadow(FieldReference field)
        {
            return new FieldReference("__shadow", _rewriter.ShadowType, field.DeclaringType);
        }

        private static int Index(FieldDefinition field)
        {
            return field.DeclaringType.Fields.IndexOf(field);
        }

        private VariableDefinition Local(TypeReference type)
        {
            VariableDefinition local = new VariableDefinition(type);
            _body.Variables.Add(local);
            _body.InitLocals = true;
            return local;
        }

        private static TypeReference Inflate(TypeReference type, GenericInstanceType of)
        {
            GenericParameter parameter = type as GenericParameter;
            if (of == null)
            {
                return type;
            }

            if (parameter != null)
            {
                return parameter.Type == GenericParameterType.Type ? of.GenericArguments[parameter.Position] : type;
            }

            GenericInstanceType instance = type as GenericInstanceType;
            if (instance != null)
            {
                GenericInstanceType made = new GenericInstanceType(instance.ElementType);
                foreach (TypeReference argument in instance.GenericArguments)
                {
                    made.GenericArguments.Add(Inflate(argument, of));
                }

                return made;
            }

            ArrayType array = type as ArrayType;
            return array != null && array.Rank == 1 ? new ArrayType(Inflate(array.ElementType, of)) : type;
        }

        private Instruction _moved;

        /// <summary>Puts instructions before one, which branches then lead to; what stood there follows.</summary>
        /// <returns>The instruction that has the old one's meaning.</returns>
        private Instruction Insert(Instruction before, params Instruction[] added)
        {
            Instruction copy = _il.Create(OpCodes.Nop);
            copy.OpCode = before.OpCode;
            copy.Operand = before.Operand;
            copy.Offset = before.Offset;
            before.OpCode = added[0].OpCode;
            before.Operand = added[0].Operand;
            Instruction last = before;
            foreach (Instruction one in added.Skip(1))
            {
                _il.InsertAfter(last, one);
                last = one;
            }

            _il.InsertAfter(last, copy);
            _moved = copy;
            if (_addresses.Remove(before))
            {
                _addresses.Add(copy);
            }

            return copy;
        }

        private static Instruction Anchor(Instruction instruction)
        {
            Instruction before = instruction.Previous;
            return before != null && before.OpCode.OpCodeType == OpCodeType.Prefix ? before : instruction;
        }

        /// <summary>The instruction that pushed an argument, counted from the last; null where branches stand between.</summary>
        private static Instruction Producer(Instruction call, int fromTop)
        {
            int above = fromTop - 1;
            for (Instruction at = call.Previous; at != null; at = at.Previous)
            {
                FlowControl flow = at.OpCode.FlowControl;
                if (flow != FlowControl.Next && flow != FlowControl.Call && flow != FlowControl.Meta)
                {
                    return null;
                }

                int pushes = Stack.Pushes(at);
                if (pushes > above)
                {
                    return above == 0 ? at : null;
                }

                above += Stack.Pops(at) - pushes;
            }

            return null;
        }
    }

    /// <summary>What an instruction takes from the stack and puts there.</summary>
    internal static class Stack
    {
        internal static int Pushes(Instruction instruction)
        {
            MethodReference called = instruction.Operand as MethodReference;
            switch (instruction.OpCode.StackBehaviourPush)
            {
                case StackBehaviour.Push0:
                    return 0;
                case StackBehaviour.Push1_push1:
                    return 2;
                case StackBehaviour.Varpush:
                    return called == null || called.ReturnType.MetadataType == MetadataType.Void ? 0 : 1;
                default:
                    return 1;
            }
        }

        internal static int Pops(Instruction instruction)
        {
            MethodReference called = instruction.Operand as MethodReference;
            switch (instruction.OpCode.StackBehaviourPop)
            {
                case StackBehaviour.Pop0:
                    return 0;
                case StackBehaviour.Pop1:
                case StackBehaviour.Popi:
                case StackBehaviour.Popref:
                    return 1;
                case StackBehaviour.Pop1_pop1:
                case StackBehaviour.Popi_pop1:
                case StackBehaviour.Popi_popi:
                case StackBehaviour.Popi_popi8:
                case StackBehaviour.Popi_popr4:
                case StackBehaviour.Popi_popr8:
                case StackBehaviour.Popref_pop1:
                case StackBehaviour.Popref_popi:
                    return 2;
                case StackBehaviour.Popi_popi_popi:
                case StackBehaviour.Popref_popi_popi:
                case StackBehaviour.Popref_popi_popi8:
                case StackBehaviour.Popref_popi_popr4:
                case StackBehaviour.Popref_popi_popr8:
                case StackBehaviour.Popref_popi_popref:
                    return 3;
                default:
                    return called == null ? 0 : called.Parameters.Count + (called.HasThis && instruction.OpCode != OpCodes.Newobj ? 1 : 0);
            }
        }
    }
}
