// What the message layer promises, one method per promise; run on every lane, full AOT included.
using System;
using System.Collections.Generic;
using GenBindings.Harness;
using Wire.Test.Messages;
using Wire.Test.Wire;

namespace Wire.Test
{
    public static unsafe class Facts
    {
        /// <summary>Runs all; the answer maps each fact to null, or to what failed.</summary>
        public static string Run(string json)
        {
            var facts = new Dictionary<string, Action>
            {
                { "absent is null", AbsentIsNull },
                { "empty lists and maps cost nothing", EmptyListsAndMaps },
                { "members of a oneof exclude each other", Oneofs },
                { "explicit defaults stand in required fields only", DefaultValues },
                { "a required field that is null is refused by name", RequiredIsNull },
                { "an element that is null is refused", ElementIsNull },
                { "unknown numbers of closed enums are unknown fields", ClosedEnums },
                { "unknown numbers of open enums are kept", OpenEnums },
                { "a message that stands twice is merged", Merging },
                { "packed and unpacked are both read", Packing },
                { "maps take defaults for what an entry lacks, and the last entry of a key", MapEntries },
                { "a known field in another wire type is skipped", OtherWireType },
                { "owned handles are reported as they are read", OwnedHandles },
                { "owned handles before a fault are reported", OwnedHandlesBeforeFault },
                { "owned handles in groups are reported as they are read", OwnedHandlesInGroups },
                { "scoped readers and scans see groups as they see messages behind a length", Groups },
                { "a field that is required is refused when it is a group", RequiredGroup },
                { "scoped readers see what messages see", ScopedReaders },
                { "a scan finds the last occurrence", Scanning },
                { "an envelope's payload is found", Envelopes },
                { "a malformed message is refused by scans and scoped readers", MalformedScans },
                { "nested lengths of every size are right", NestedLengths },
                { "a writer in use is not handed out again", WriterReentrancy },
                { "a large buffer is not kept", WriterKeepsSmallBuffers },
                { "the deepest nesting is read and one more is refused", Depth },
            };
            var results = new Dictionary<string, object>();
            foreach (var fact in facts)
            {
                try
                {
                    fact.Value();
                    results[fact.Key] = null;
                }
                catch (Exception error)
                {
                    results[fact.Key] = error.ToString();
                }
            }
            return Json.Text(results);
        }

        /// <summary>Bytes allocated by decoding and by encoding, warm, on the hot path.</summary>
        public static string Allocations(string json)
        {
            byte[] data = Full().ToByteArray();
            byte[] tree = Branched().ToByteArray();
            fixed (byte* fullBytes = data)
            fixed (byte* treeBytes = tree)
            {
                var full = new WireSlice(fullBytes, data.Length);
                var branched = new WireSlice(treeBytes, tree.Length);
                long sum = 0;
                for (int i = 0; i < 200; i++)
                {
                    sum += Decode(full, branched) + Encode(full);
                }
                long before = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 1000; i++)
                {
                    sum += Decode(full, branched);
                }
                long between = GC.GetAllocatedBytesForCurrentThread();
                for (int i = 0; i < 1000; i++)
                {
                    sum += Encode(full);
                }
                long after = GC.GetAllocatedBytesForCurrentThread();
                var kept = new object[100];
                for (int i = 0; i < kept.Length; i++)
                {
                    kept[i] = Optional.Parse(data);
                }
                long messages = GC.GetAllocatedBytesForCurrentThread() - after;
                GC.KeepAlive(kept);
                return Json.Object("decode", between - before, "encode", after - between, "messages", messages, "sum", sum);
            }
        }

        private static long Decode(WireSlice full, WireSlice tree)
        {
            var reader = OptionalReader.Read(full);
            long sum = (long)reader.ADouble + reader.AnInt32 + (long)reader.AUint64 + reader.AString.Length;
            sum += LeafReader.Read(reader.Leaf).Value;
            foreach (var child in TreeReader.Read(tree).Children)
            {
                sum += TreeReader.Read(child).Number;
            }
            WireSlice payload;
            ulong value;
            int field;
            sum += WireScan.Find(full, 2048, out payload) ? payload.Length : 0;
            sum += WireScan.FindVarint(full, 5, out value) ? (long)value : 0;
            sum += WireScan.FirstField(tree, out field, out payload) ? field : 0;
            return sum;
        }

        private static long Encode(WireSlice text)
        {
            var writer = WireWriter.Rent();
            try
            {
                writer.WriteUInt64(1, ulong.MaxValue);
                writer.WriteOptionalInt32(2, -1);
                writer.WriteDouble(3, 1.5);
                writer.WriteString(4, "a text with ü");
                writer.WriteBytes(5, new ReadOnlySpan<byte>(text.Data, text.Length));
                int outer = writer.BeginMessage(6);
                int inner = writer.BeginMessage(7);
                for (int i = 0; i < 100; i++)
                {
                    writer.AppendSInt64(i);
                }
                writer.EndMessage(inner);
                writer.EndMessage(outer);
                return writer.Length;
            }
            finally
            {
                writer.Return();
            }
        }

        private static void AbsentIsNull()
        {
            var message = Optional.Parse(new byte[0]);
            Check(message.ADouble == null && message.AFloat == null && message.AnInt32 == null && message.AnInt64 == null);
            Check(message.AUint32 == null && message.AUint64 == null && message.ASint32 == null && message.ASint64 == null);
            Check(message.AFixed32 == null && message.AFixed64 == null && message.ABool == null && message.AString == null);
            Check(message.SomeBytes == null && message.Closed == null && message.Dense == null && message.Leaf == null);
            message = Optional.Parse(new Optional { AnInt32 = 0, AString = "", SomeBytes = new byte[0], Leaf = new Leaf() }.ToByteArray());
            Check(message.AnInt32 == 0 && message.AString == "" && message.SomeBytes.Length == 0 && message.Leaf.Value == null);
            var plain = new Implicit();
            Check(plain.AString == "" && plain.SomeBytes.Length == 0 && plain.ADouble == 0 && plain.Open == Open.Zero);
            Check(plain.ToByteArray().Length == 0);
            // Minus zero is not the default.
            Check(new Implicit { ADouble = -0.0 }.ToByteArray().Length == 9 && new Implicit { AFloat = -0f }.ToByteArray().Length == 5);
        }

        private static void EmptyListsAndMaps()
        {
            var message = Repeated.Parse(new byte[0]);
            foreach (var item in message.AString)
            {
                Check(item == null);
            }
            Check(message.AString.Count == 0 && message.ToByteArray().Length == 0);
            Check(new Maps().N.Count == 0);
            var packed = new Packed();
            Check(packed.AnInt32.Count == 0 && packed.ToByteArray().Length == 0);
            var filled = new Repeated { AString = { "a", "" }, Leaf = { new Leaf { Value = 1 } } };
            filled = Repeated.Parse(filled.ToByteArray());
            Check(filled.AString.Count == 2 && filled.AString[1] == "" && filled.Leaf[0].Value == 1);
        }

        private static void Oneofs()
        {
            var tree = new Tree();
            Check(tree.ChoiceCase == Tree.ChoiceOneofCase.None && tree.Number == null && tree.Text == null);
            tree.Number = 0;
            Check(tree.ChoiceCase == Tree.ChoiceOneofCase.Number && tree.Number == 0);
            tree.Text = "t";
            Check(tree.ChoiceCase == Tree.ChoiceOneofCase.Text && tree.Number == null && tree.Text == "t");
            tree.Number = null;
            Check(tree.Text == "t");
            tree.A = 1;
            Check(tree.Text == "t" && tree.A == 1);
            tree.Text = null;
            Check(tree.ChoiceCase == Tree.ChoiceOneofCase.None && tree.SecondCase == Tree.SecondOneofCase.A);
            // On the wire, the last member counts.
            tree = Tree.Parse(Join(new Tree { Number = 3 }.ToByteArray(), new Tree { Flag = false }.ToByteArray()));
            Check(tree.ChoiceCase == Tree.ChoiceOneofCase.Flag && tree.Flag == false && tree.Number == null);
        }

        private static void DefaultValues()
        {
            var message = new Defaults();
            Check(message.Number == null && message.Text == null && message.Closed == null && message.Yes == null);
            Check(message.RequiredNumber == 7 && message.RequiredBig == long.MinValue && message.RequiredHuge == ulong.MaxValue);
            Check(message.RequiredText == "say \"h\u00e9\"\n\\ \u0001" && message.RequiredOctets.Length == 5);
            Check(message.RequiredOctets[1] == 255 && message.RequiredOctets[2] == '\'' && message.RequiredOctets[4] == '\n');
            Check(float.IsPositiveInfinity(message.RequiredInfinite) && double.IsNaN(message.RequiredUnreal));
            Check(message.RequiredClosed == Closed.Far && message.RequiredYes && message.RequiredSmall == 1.5e-300);
            Check(new Required().Closed == Closed.Minus && new Required().AString == "" && new Required().SomeBytes.Length == 0);
        }

        private static void RequiredIsNull()
        {
            Throws<InvalidOperationException>(() => new Required().ToByteArray(), "'leaf'");
            Throws<InvalidOperationException>(() => new Required { AString = null }.ToByteArray(), "'a_string'");
            Throws<InvalidOperationException>(() => new Required { SomeBytes = null }.ToByteArray(), "'some_bytes'");
            // The writer that failed is whole again.
            Check(new Leaf { Value = 1 }.ToByteArray().Length == 2);
        }

        private static void ElementIsNull()
        {
            Throws<InvalidOperationException>(() => new Repeated { AString = { null } }.ToByteArray(), "field 14");
            Throws<InvalidOperationException>(() => new Forest { Trees = { null } }.ToByteArray(), "field 1");
        }

        private static void ClosedEnums()
        {
            Check(Optional.Parse(new byte[] { 0x80, 1, 4 }).Closed == null);
            Check(Optional.Parse(new byte[] { 0x80, 1, 3, 0x80, 1, 4 }).Closed == Closed.Three);
            var lists = Repeated.Parse(new byte[] { 0x80, 1, 1, 0x80, 1, 4, 0x82, 1, 3, 2, 9, 3 });
            Check(lists.Closed.Count == 3 && lists.Closed[1] == Closed.Two && lists.Closed[2] == Closed.Three);
            Check(Maps.Parse(new byte[] { 0x82, 1, 5, 10, 1, (byte)'a', 16, 9 }).P.Count == 0);
            Check(Tree.Parse(new byte[] { 0xb8, 1, 9 }).ChoiceCase == Tree.ChoiceOneofCase.None);
        }

        private static void OpenEnums()
        {
            var message = Implicit.Parse(new byte[] { 0x80, 1, 99 });
            Check((int)message.Open == 99);
            Check(Same(message.ToByteArray(), new byte[] { 0x80, 1, 99 }));
        }

        private static void Merging()
        {
            var first = new Tree { Label = "a", Left = new Tree { Label = "b", Number = 1 }, Chosen = new Tree { Label = "x" } };
            var second = new Tree { Left = new Tree { Text = "t", Children = { new Tree() } }, Chosen = new Tree { Number = 2 } };
            var merged = Tree.Parse(Join(first.ToByteArray(), second.ToByteArray()));
            Check(merged.Label == "a" && merged.Left.Label == "b" && merged.Left.Text == "t" && merged.Left.Number == null);
            Check(merged.Left.Children.Count == 1 && merged.Chosen.Label == "x" && merged.Chosen.Number == 2);
        }

        private static void Packing()
        {
            var packed = new Packed { AnInt32 = { 1, -1, 300 }, ADouble = { 1.5, -0.0 }, ABool = { true, false } };
            var unpacked = new Repeated { AnInt32 = { 1, -1, 300 }, ADouble = { 1.5, -0.0 }, ABool = { true, false } };
            Check(Same(Packed.Parse(unpacked.ToByteArray()).ToByteArray(), packed.ToByteArray()));
            Check(Same(Repeated.Parse(packed.ToByteArray()).ToByteArray(), unpacked.ToByteArray()));
            Check(Packed.Parse(new byte[] { 0x1a, 0 }).AnInt32.Count == 0);
        }

        private static void MapEntries()
        {
            var maps = Maps.Parse(new byte[] { 0x72, 0, 0x72, 3, 10, 1, (byte)'k', 0x8a, 1, 0 });
            Check(maps.N.Count == 2 && maps.N[""] == "" && maps.N["k"] == "" && maps.Q[""].Value == null);
            maps = Maps.Parse(new byte[] { 0x1a, 4, 8, 1, 16, 2, 0x1a, 6, 16, 3, 24, 9, 8, 1 });
            Check(maps.C.Count == 1 && maps.C[1] == 3);
        }

        private static void OtherWireType()
        {
            // Field 1 is an int32: here as text, as fixed32, as a group; then as it should be.
            var leaf = Leaf.Parse(new byte[] { 10, 1, 65, 13, 1, 2, 3, 4, 11, 8, 7, 12, 8, 5 });
            Check(leaf.Value == 5);
        }

        private static void OwnedHandles()
        {
            var owner = new Owner
            {
                Handle = new Handle { Id = 1 },
                Small = new SmallHandle { Id = 2 },
                Several = { new Handle { Id = 3 }, new Handle { Id = 4 } },
                Plain = 5,
                PlainList = { 6, 7 },
                Other = 8,
                PlainSigned = -1,
            };
            owner.Named["n"] = new Handle { Id = 9 };
            byte[] one = new Owner { Handle = new Handle { Id = ulong.MaxValue }, One = new Handle { Id = 10 } }.ToByteArray();
            var sink = new Sink();
            var read = ReadOwner(Join(owner.ToByteArray(), one), sink);
            Check(read.One.Id == 10 && read.Handle.Id == ulong.MaxValue);
            sink.Expect(
                "handle=1 small=2 several=3 several=4 plain=5 plain_list=6 plain_list=7 other=8 named=9"
                + " plain_signed=18446744073709551615 handle=18446744073709551615 one=10 plain_signed=0");
            // Packed, and a handle that is given without an id.
            sink = new Sink();
            ReadOwner(new byte[] { 0x2a, 2, 1, 2, 0x12, 0 }, sink);
            sink.Expect("plain_list=1 plain_list=2 small=0");
        }

        private static void OwnedHandlesBeforeFault()
        {
            var sink = new Sink();
            Throws<WireFormatException>(() => ReadOwner(new byte[] { 10, 2, 8, 42, 0x20, 0xff }, sink), "end inside");
            sink.Expect("handle=42");
        }

        private static void OwnedHandlesInGroups()
        {
            var sink = new Sink();
            ReadOwner(new byte[] { 0x53, 8, 7, 0x54, 0x53, 0x54, 0x53, 8, 9, 0x54 }, sink);
            sink.Expect("ingroup=7 ingroup=7 ingroup=9");
            sink = new Sink();
            Throws<WireFormatException>(() => ReadOwner(new byte[] { 0x53, 8, 7, 0x54, 0x53, 8 }, sink), "end inside");
            sink.Expect("ingroup=7");
        }

        private static void Groups()
        {
            var grouped = new Grouped
            {
                One = new Grouped.OneType { Number = 5, Whole = new Grouped { Needed = new Grouped.NeededType { Flag = true } } },
                Needed = new Grouped.NeededType { Flag = true },
                Chosen = new Grouped.ChosenType { Octets = new byte[200] },
                Many = { new Grouped.ManyType { Numbers = { 1, 2 } }, new Grouped.ManyType { Numbers = { 3 } } },
            };
            byte[] data = grouped.ToByteArray();
            var back = Grouped.Parse(data);
            Check(back.One.Number == 5 && back.One.Whole.Needed.Flag && back.Leaf == null);
            Check(back.ChoiceCase == Grouped.ChoiceOneofCase.Chosen && back.Chosen.Octets.Length == 200);
            Check(back.Many.Count == 2 && back.Many[0].Numbers.Count == 2 && back.Many[1].Numbers[0] == 3);
            fixed (byte* bytes = data)
            {
                var reader = GroupedReader.Read(new WireSlice(bytes, data.Length));
                ulong number;
                Check(reader.HasOne && reader.HasNeeded && reader.HasChosen && reader.ChoiceCase == 7);
                Check(WireScan.FindVarint(reader.One, 2, out number) && number == 5);
                int packed = 0;
                foreach (var many in reader.Many)
                {
                    WireSlice numbers;
                    Check(WireScan.Find(many, 1, out numbers));
                    packed += numbers.Length;
                }
                Check(packed == 12);
                WireSlice found;
                Check(WireScan.Find(new WireSlice(bytes, data.Length), 6, out found) && found.Length == 2);
            }
            data = new byte[] { 0x0a, 1, 65, 0x13, 8, 1, 0x14 };
            fixed (byte* bytes = data)
            {
                int field;
                WireSlice payload;
                Check(WireScan.FirstField(new WireSlice(bytes, data.Length), out field, out payload));
                Check(field == 2 && payload.Length == 2 && payload.Data[1] == 1);
            }
        }

        private static void RequiredGroup()
        {
            Throws<InvalidOperationException>(() => new Grouped().ToByteArray(), "'needed' is null");
            Throws<InvalidOperationException>(
                () => new Grouped { Needed = new Grouped.NeededType(), Many = { null } }.ToByteArray(), "field 2048 is null");
        }

        private static void ScopedReaders()
        {
            var full = Full();
            byte[] data = full.ToByteArray();
            fixed (byte* bytes = data)
            {
                var reader = OptionalReader.Read(new WireSlice(bytes, data.Length));
                Check(reader.HasADouble && reader.ADouble == full.ADouble && reader.AFloat == full.AFloat);
                Check(reader.AnInt32 == full.AnInt32 && reader.AnInt64 == full.AnInt64 && reader.AUint32 == full.AUint32);
                Check(reader.AUint64 == full.AUint64 && reader.ASint32 == full.ASint32 && reader.ASint64 == full.ASint64);
                Check(reader.AFixed32 == full.AFixed32 && reader.AFixed64 == full.AFixed64);
                Check(reader.ASfixed32 == full.ASfixed32 && reader.ASfixed64 == full.ASfixed64 && reader.ABool);
                Check(reader.HasAString && WireScan.ReadString(reader.AString) == full.AString);
                Check(Same(reader.SomeBytes.ToArray(), full.SomeBytes) && reader.Closed == full.Closed);
                Check(reader.HasDense && reader.Dense == full.Dense && LeafReader.Read(reader.Leaf).Value == 11);
                Check(!reader.HasFarAway && reader.FarAway.Length == 0);
            }
            data = Branched().ToByteArray();
            fixed (byte* bytes = data)
            {
                var reader = TreeReader.Read(new WireSlice(bytes, data.Length));
                Check(reader.HasText && !reader.HasNumber && reader.ChoiceCase == 21 && reader.SecondCase == 31);
                Check(WireScan.ReadString(reader.Text) == "t" && reader.HasB && reader.B == 9 && !reader.HasA);
                int sum = 0;
                foreach (var child in reader.Children)
                {
                    sum = sum * 10 + TreeReader.Read(child).Number;
                }
                Check(sum == 123);
                int entries = 0;
                foreach (var entry in reader.Named)
                {
                    WireSlice key;
                    Check(WireScan.Find(entry, 1, out key) && WireScan.ReadString(key) == "k");
                    entries++;
                }
                Check(entries == 1);
            }
            data = new byte[] { 0x80, 1, 4, 0x80, 1, 2, 0x80, 1, 7 };
            fixed (byte* bytes = data)
            {
                var reader = OptionalReader.Read(new WireSlice(bytes, data.Length));
                Check(reader.HasClosed && reader.Closed == Closed.Two);
            }
        }

        private static void Scanning()
        {
            byte[] data = { 8, 1, 18, 1, 65, 8, 0xac, 2, 18, 2, 66, 67, 27, 28 };
            fixed (byte* bytes = data)
            {
                var message = new WireSlice(bytes, data.Length);
                WireSlice text;
                ulong number;
                Check(WireScan.Find(message, 2, out text) && WireScan.ReadString(text) == "BC");
                Check(WireScan.FindVarint(message, 1, out number) && number == 300);
                Check(!WireScan.Find(message, 1, out text) && text.Length == 0);
                Check(!WireScan.FindVarint(message, 2, out number) && number == 0);
                Check(!WireScan.FindVarint(default(WireSlice), 1, out number));
            }
        }

        private static void Envelopes()
        {
            byte[] data = { 8, 1, 18, 1, 65, 0xfa, 0x7d, 2, 66, 67, 24, 1 };
            fixed (byte* bytes = data)
            {
                int field;
                WireSlice payload;
                Check(WireScan.FirstField(new WireSlice(bytes, data.Length), out field, out payload));
                Check(field == 2015 && WireScan.ReadString(payload) == "BC");
                Check(!WireScan.FirstField(new WireSlice(bytes, 2), out field, out payload) && field == 0);
            }
        }

        private static void MalformedScans()
        {
            byte[] data = { 18, 5, 65 };
            fixed (byte* pinned = data)
            {
                // A lambda cannot hold what is fixed.
                var bytes = (IntPtr)pinned;
                WireSlice value;
                ulong number;
                int field;
                Throws<WireFormatException>(() => WireScan.Find(Slice(bytes, 3), 2, out value), "end inside");
                Throws<WireFormatException>(() => WireScan.FindVarint(Slice(bytes, 3), 2, out number), "end inside");
                Throws<WireFormatException>(() => WireScan.FirstField(Slice(bytes, 3), out field, out value), "end inside");
                Throws<WireFormatException>(() => TreeReader.Read(Slice(bytes, 3)), "end inside");
                Throws<WireFormatException>(() => OptionalReader.Read(Slice(bytes, 1)), "end inside");
            }
        }

        private static void NestedLengths()
        {
            foreach (int size in new[] { 0, 1, 127, 128, 129, 16383, 16384, 70000 })
            {
                var tree = new Tree { Left = new Tree { Left = new Tree { Octets = new byte[size] } }, Label = "after" };
                var back = Tree.Parse(tree.ToByteArray());
                Check(back.Left.Left.Octets.Length == size && back.Label == "after");
            }
        }

        private static void WriterReentrancy()
        {
            var first = WireWriter.Rent();
            var second = WireWriter.Rent();
            Check(first != second);
            first.WriteUInt32(1, 1);
            second.WriteUInt32(1, 300);
            Check(first.Length == 2 && second.Length == 3);
            first.Return();
            Check(WireWriter.Rent() == first && first.Length == 0);
            first.Return();
            second.Return();
        }

        private static void WriterKeepsSmallBuffers()
        {
            var writer = WireWriter.Rent();
            writer.WriteBytes(1, new byte[65 * 1024]);
            writer.Return();
            var next = WireWriter.Rent();
            Check(next.Buffer.Length <= 64 * 1024);
            next.Return();
        }

        private static void Depth()
        {
            Check(Tree.Parse(Nested(100)).Left != null);
            Throws<WireFormatException>(() => Tree.Parse(Nested(101)), "100 deep");
            var groups = new byte[202];
            for (int i = 0; i < 101; i++)
            {
                groups[i] = 0x9b;
            }
            var deep = new List<byte>();
            for (int i = 0; i < 101; i++)
            {
                deep.AddRange(new byte[] { 0x9b, 6 });
            }
            for (int i = 0; i < 101; i++)
            {
                deep.AddRange(new byte[] { 0x9c, 6 });
            }
            Throws<WireFormatException>(() => Tree.Parse(deep.ToArray()), "100 deep");
            deep.RemoveRange(0, 2);
            deep.RemoveRange(0, 2);
            Throws<WireFormatException>(() => Tree.Parse(deep.ToArray()), "end of a group");
        }

        private static byte[] Nested(int depth)
        {
            var tree = new Tree();
            for (int i = 0; i < depth; i++)
            {
                tree = new Tree { Left = tree };
            }
            return tree.ToByteArray();
        }

        private static Optional Full()
        {
            return new Optional
            {
                ADouble = 1.25,
                AFloat = -0.5f,
                AnInt32 = -3,
                AnInt64 = long.MinValue,
                AUint32 = uint.MaxValue,
                AUint64 = ulong.MaxValue,
                ASint32 = int.MinValue,
                ASint64 = -8,
                AFixed32 = 0xfedcba98,
                AFixed64 = 0xfedcba9876543210,
                ASfixed32 = -9,
                ASfixed64 = -10,
                ABool = true,
                AString = "héllo",
                SomeBytes = new byte[] { 1, 0, 255 },
                Closed = Closed.Far,
                Dense = Dense.I420,
                Leaf = new Leaf { Value = 11 },
            };
        }

        private static Tree Branched()
        {
            var tree = new Tree { Text = "t", B = 9 };
            for (int i = 1; i <= 3; i++)
            {
                tree.Children.Add(new Tree { Number = i });
            }
            tree.Named["k"] = new Tree();
            return tree;
        }

        private static Owner ReadOwner(byte[] data, HandleSink sink)
        {
            fixed (byte* bytes = data)
            {
                var reader = new WireReader(bytes, data.Length, sink);
                return Owner.Read(ref reader);
            }
        }

        private static WireSlice Slice(IntPtr bytes, int length)
        {
            return new WireSlice((byte*)bytes, length);
        }

        private static byte[] Join(byte[] first, byte[] second)
        {
            var joined = new byte[first.Length + second.Length];
            first.CopyTo(joined, 0);
            second.CopyTo(joined, first.Length);
            return joined;
        }

        private static bool Same(byte[] left, byte[] right)
        {
            return Convert.ToBase64String(left) == Convert.ToBase64String(right);
        }

        private static void Check(bool holds)
        {
            if (!holds)
            {
                throw new InvalidOperationException("a check failed");
            }
        }

        private static void Throws<T>(Action action, string part) where T : Exception
        {
            try
            {
                action();
            }
            catch (T error)
            {
                if (error.Message.Contains(part))
                {
                    return;
                }
                throw new InvalidOperationException("the message is: " + error.Message);
            }
            throw new InvalidOperationException("nothing was thrown");
        }

        private sealed class Sink : HandleSink
        {
            private readonly List<string> _seen = new List<string>();

            internal override void Add(HandleKind kind, ulong id)
            {
                _seen.Add(kind.ToString().Substring(3) + "=" + id);
            }

            internal void Expect(string expected)
            {
                string seen = string.Join(" ", _seen);
                if (seen != expected)
                {
                    throw new InvalidOperationException("handles seen: " + seen);
                }
            }
        }
    }
}
