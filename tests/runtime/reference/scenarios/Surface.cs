// What can be seen of the binding from outside, and what crosses the native boundary.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using GenBindings.Harness;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    public static class Surface
    {
        /// <summary>No public member has a pointer in it or is named after one; handle ids are 64 bits wide.</summary>
        public static string NoPointers(string arguments)
        {
            List<string> found = new List<string>();
            int members = 0;
            foreach (Type type in typeof(ReferenceClient).Assembly.GetExportedTypes())
            {
                if (type.Namespace == null || !type.Namespace.StartsWith("Reference.Ffi"))
                {
                    continue;
                }

                const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
                foreach (MemberInfo member in type.GetMembers(Declared))
                {
                    // The compiler gives every delegate a constructor with a native address.
                    bool ofDelegate = typeof(Delegate).IsAssignableFrom(type) && member.Name != "Invoke";
                    Type[] types = TypesOf(member);
                    if (types == null || ofDelegate)
                    {
                        continue;
                    }

                    members++;
                    string name = type.FullName + "." + member.Name;
                    if (types.Any(IsPointer) || member.Name.EndsWith("Ptr") || member.Name.EndsWith("Pointer"))
                    {
                        found.Add(name);
                    }

                    if ((member.Name == "Handle" || member.Name.EndsWith("Handle") || (member.Name == "Id" && type.Name.EndsWith("Handle")))
                        && member is PropertyInfo && ((PropertyInfo)member).PropertyType.IsPrimitive
                        && ((PropertyInfo)member).PropertyType != typeof(ulong))
                    {
                        Check.That("L17", false, name + " is not 64 bits wide");
                    }
                }
            }

            Check.That("L22", members > 1000, "only " + members + " public members were looked at");
            Check.Same("L22", new string[0], found, "public members with a pointer");
            return Json.Text(members);
        }

        /// <summary>The assembly needs the base class library and nothing else.</summary>
        public static string NoPackages(string arguments)
        {
            string[] allowed = { "mscorlib", "netstandard", "System", "System.Core" };
            Check.Same(
                "L19",
                new string[0],
                typeof(ReferenceClient).Assembly.GetReferencedAssemblies().Select(a => a.Name).Where(n => !allowed.Contains(n)),
                "assemblies that are referred to");
            return "null";
        }

        /// <summary>An id above 32 bits reaches the library whole.</summary>
        public static string WideIds(string arguments)
        {
            using (Lab lab = new Lab())
            {
                const ulong Wide = 0xFEDCBA9876543210UL;
                NativeHandle handle = NativeHandles.Create(HandleKind.Track, Wide);
                Check.Equal("L17", Wide, handle.Id, "the id of a handle");
                handle.Dispose();
                DropRecord drop = lab.Client.ControlDiagnostics(true).Drops.Single();
                Check.Equal("L17", Wide, drop.Id, "the id that the library was asked to drop");
                Check.That("L17", lab.Reports.Single().Message.Contains(Wide.ToString()), "the report: " + lab.Reports.Single().Message);
                return "null";
            }
        }

        /// <summary>A C bool is one byte: what lies above it does not count.</summary>
        public static string DirtyBool(string arguments)
        {
            using (Lab lab = new Lab())
            {
                lab.Client.ControlSetFaults(new Faults { DirtyBool = true });
                AudioResampler resampler = lab.Client.NewAudioResampler();
                resampler.Dispose();
                Check.Equal("L18", 0, lab.Reports.Count, "reports about a handle that the library knew");
                NativeHandles.Create(HandleKind.Track, 1000000).Dispose();
                Check.Equal("L18", 1, lab.Reports.Count, "reports about a handle that the library did not know");
                Check.That("L18", lab.Reports[0].Message.Contains("1000000"), "the report: " + lab.Reports[0].Message);
                return "null";
            }
        }

        /// <summary>Messages are plain objects: presence is kept, unknown fields are skipped, malformed bytes refused.</summary>
        public static string Messages(string arguments)
        {
            byte[] encoded = new RoomOptions { AutoSubscribe = false }.ToByteArray();
            RoomOptions options = RoomOptions.Parse(encoded);
            Check.Equal("L19", false, options.AutoSubscribe, "a field that was set to its default");
            Check.Equal("L19", null, options.Dynacast, "a field that was not set");
            byte[] longer = encoded.Concat(new byte[] { 0xFA, 0x3F, 2, 1, 2 }).ToArray();
            Check.Equal("L19", false, RoomOptions.Parse(longer).AutoSubscribe, "a message with a field that is not known");
            Check.Throws<Reference.Ffi.Messages.WireFormatException>(
                "L19", delegate { RoomOptions.Parse(longer.Take(longer.Length - 1).ToArray()); }, "a message that is cut off");
            return "null";
        }

        /// <summary>Text crosses as UTF-8, in both directions.</summary>
        public static string Text(string arguments)
        {
            using (Lab lab = new Lab("räume/☃/𝄞"))
            {
                List<string> names = new List<string>();
                lab.Connect(delegate(Room room)
                {
                    room.ParticipantConnected += delegate(object sender, ParticipantConnectedEventArgs e) { names.Add(e.RemoteParticipant.Name); };
                });
                lab.Client.ControlJoin(lab.RoomName, "other", "Zoë 𝄞 \u0000 end");
                Check.Soon("L18", delegate { return names.Count == 1; }, "nobody joined");
                Check.Equal("L18", "Zoë 𝄞 \u0000 end", names[0], "the name");
                Check.Equal("L18", lab.RoomName, lab.Room.Name, "the room's name");
                Check.Ends("L5", lab.Room.DisconnectAsync(), "disconnect");
                lab.NothingLeft();
                lab.NothingReported();
                return "null";
            }
        }

        private static Type[] TypesOf(MemberInfo member)
        {
            MethodBase method = member as MethodBase;
            if (method != null)
            {
                if (!method.IsPublic && !method.IsFamily)
                {
                    return null;
                }

                IEnumerable<Type> types = method.GetParameters().Select(p => p.ParameterType);
                MethodInfo returning = method as MethodInfo;
                return (returning == null ? types : types.Concat(new[] { returning.ReturnType })).ToArray();
            }

            FieldInfo field = member as FieldInfo;
            if (field != null)
            {
                return field.IsPublic || field.IsFamily ? new[] { field.FieldType } : null;
            }

            PropertyInfo property = member as PropertyInfo;
            if (property != null)
            {
                return property.GetAccessors().Length > 0 ? new[] { property.PropertyType } : null;
            }

            return null;
        }

        private static bool IsPointer(Type type)
        {
            while (type.HasElementType)
            {
                if (type.IsPointer)
                {
                    return true;
                }

                type = type.GetElementType();
            }

            return type == typeof(IntPtr) || type == typeof(UIntPtr)
                || (type.IsGenericType && type.GetGenericArguments().Any(IsPointer));
        }
    }
}
