// Makes the objects of a scene file of the sample, with the values and references that the file gives their scripts.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Reflection;
using System.Text.RegularExpressions;
using UnityEngine;
using UnityEngine.Engine;

namespace UnityLoop
{
    internal static class SceneFile
    {
        private static readonly Regex Header = new Regex(@"^--- !u!(\d+) &(\d+)$");
        private static readonly Regex Field = new Regex(@"^  (\w+): ?(.*)$");
        private static readonly Regex Item = new Regex(@"^  - component: (.*)$");
        private static readonly Regex FileId = new Regex(@"\{fileID: (\d+)");
        private static readonly Regex Guid = new Regex(@"guid: ([0-9a-f]{32})");

        internal static void Load(string project, string name)
        {
            Dictionary<string, Type> scripts = Scripts(project);
            List<Part> parts = Read(Path.Combine(project, "Assets", "Scenes", name + ".unity"));
            Dictionary<string, Component> made = new Dictionary<string, Component>();
            List<GameObject> objects = new List<GameObject>();
            foreach (Part thing in parts.FindAll(p => p.Class == "1"))
            {
                GameObject o = new GameObject(thing.Fields["m_Name"]);
                Objects.Of(o).Asleep = true;
                objects.Add(o);
                foreach (string id in thing.Components)
                {
                    Part part = parts.Find(p => p.Id == id);
                    if (part.Class == "114")
                    {
                        string guid = Guid.Match(part.Fields["m_Script"]).Groups[1].Value;
                        made[id] = Objects.AddComponent(o, scripts[guid]);
                    }
                }
            }

            foreach (KeyValuePair<string, Component> one in made)
            {
                Fill(one.Value, parts.Find(p => p.Id == one.Key), made);
            }

            Objects.Wake(objects);
        }

        private static void Fill(Component component, Part part, Dictionary<string, Component> made)
        {
            foreach (KeyValuePair<string, string> written in part.Fields)
            {
                FieldInfo field = component.GetType().GetField(written.Key, BindingFlags.Instance | BindingFlags.NonPublic);
                if (field != null)
                {
                    field.SetValue(component, Value(field.FieldType, written.Value, made));
                }
                else if (!written.Key.StartsWith("m_", StringComparison.Ordinal))
                {
                    throw new FormatException(component.GetType().Name + " has no field " + written.Key + ", which the scene sets.");
                }
            }
        }

        private static object Value(Type type, string text, Dictionary<string, Component> made)
        {
            if (type == typeof(string))
            {
                return text;
            }

            if (type == typeof(float))
            {
                return float.Parse(text, CultureInfo.InvariantCulture);
            }

            return made[FileId.Match(text).Groups[1].Value];
        }

        private static Dictionary<string, Type> Scripts(string project)
        {
            Dictionary<string, Type> found = new Dictionary<string, Type>();
            foreach (string path in Directory.GetFiles(Path.Combine(project, "Assets", "Scripts"), "*.cs.meta"))
            {
                string name = "Meet." + Path.GetFileName(path).Replace(".cs.meta", string.Empty);
                found[Guid.Match(File.ReadAllText(path)).Groups[1].Value] = typeof(SceneFile).Assembly.GetType(name);
            }

            return found;
        }

        private static List<Part> Read(string path)
        {
            List<Part> parts = new List<Part>();
            foreach (string line in File.ReadAllLines(path))
            {
                Match header = Header.Match(line);
                Match item = Item.Match(line);
                Match field = Field.Match(line);
                if (header.Success)
                {
                    parts.Add(new Part { Class = header.Groups[1].Value, Id = header.Groups[2].Value });
                }
                else if (item.Success)
                {
                    parts[parts.Count - 1].Components.Add(FileId.Match(item.Groups[1].Value).Groups[1].Value);
                }
                else if (field.Success)
                {
                    parts[parts.Count - 1].Fields[field.Groups[1].Value] = field.Groups[2].Value;
                }
            }

            return parts;
        }

        private sealed class Part
        {
            public string Class;
            public string Id;
            public readonly List<string> Components = new List<string>();
            public readonly Dictionary<string, string> Fields = new Dictionary<string, string>();
        }
    }
}
