// What the model says of the library: entry points, requests with their answers, events, sessions.
using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using GenBindings.Harness;

namespace GenBindings.Explore
{
    /// <summary>Read from the JSON that the model was turned into; names are those of the schema.</summary>
    internal sealed class Contract
    {
        internal readonly Dictionary<string, Function> Functions = new Dictionary<string, Function>();
        internal readonly Dictionary<int, Request> Requests = new Dictionary<int, Request>();
        internal readonly Dictionary<string, Event> Events = new Dictionary<string, Event>();
        internal readonly Dictionary<string, SessionRule> Sessions = new Dictionary<string, SessionRule>();
        internal readonly Dictionary<string, string> KeyPrefixes = new Dictionary<string, string>();
        internal readonly HashSet<string> SelfReleased = new HashSet<string>();
        internal int CallbackData;
        internal int CallbackSize;
        internal int CallbackUserData;

        internal static Contract Load(string file)
        {
            Node root = new Node(Json.Parse(File.ReadAllText(file)));
            Contract contract = new Contract();
            contract.CallbackData = root["callback"]["data"].Int;
            contract.CallbackSize = root["callback"]["size"].Int;
            contract.CallbackUserData = root["callback"]["user_data"].Int;
            foreach (Node one in root["functions"].List)
            {
                contract.Functions[one["name"].Text] = new Function(one);
            }

            foreach (Node one in root["requests"].List)
            {
                Request request = new Request(one);
                contract.Requests[request.Number] = request;
            }

            foreach (Node one in root["events"].List)
            {
                Event happening = new Event(one);
                contract.Events[happening.Name] = happening;
            }

            foreach (Node one in root["sessions"].List)
            {
                SessionRule rule = new SessionRule(one);
                contract.Sessions[rule.Kind] = rule;
            }

            foreach (Node one in root["key_prefixes"].List)
            {
                contract.KeyPrefixes[one[0].Text] = one[1].Text;
            }

            foreach (Node one in root["self_released"].List)
            {
                contract.SelfReleased.Add(one.Text);
            }

            return contract;
        }
    }

    internal sealed class Function
    {
        internal readonly string Name;
        internal readonly string Role;
        internal readonly int Callback;
        internal readonly int Data;
        internal readonly int Size;
        internal readonly int Reply;
        internal readonly int ReplySize;
        internal readonly bool ByHandle;
        internal readonly int Handle;
        internal readonly string Kind;
        internal readonly bool Answers;

        internal Function(Node node)
        {
            Name = node["name"].Text;
            Role = node["role"].Text;
            Callback = node["callback"].Int;
            Data = node["data"].Int;
            Size = node["size"].Int;
            Reply = node["reply"].Int;
            ReplySize = node["reply_size"].Int;
            ByHandle = node["result"].Text == "handle";
            Handle = node["handle"].Int;
            Kind = node["kind"].Text;
            Answers = node["answers"].Bool;
        }
    }

    internal sealed class Borrowed
    {
        internal readonly int[] Path;
        internal readonly string Kind;
        internal readonly bool Late;
        internal readonly bool Taken;

        internal Borrowed(Node node)
        {
            Path = node["path"].Ints;
            Kind = node["kind"].Text;
            Late = node["mode"].Text == "late";
            Taken = node["mode"].Text == "take";
        }
    }

    internal sealed class Request
    {
        internal readonly string Name;
        internal readonly int Number;
        internal readonly string Role;
        internal readonly int[] AsyncId;
        internal readonly List<Borrowed> Borrows;
        internal readonly Template[] Response;
        internal readonly Template[] Callback;
        internal readonly Template[] Failure;

        internal Request(Node node)
        {
            Name = node["name"].Text;
            Number = node["number"].Int;
            Role = node["role"].Text;
            AsyncId = node["async"].Ints;
            Borrows = node["borrows"].List.Select(one => new Borrowed(one)).ToList();
            Response = Explore.Template.All(node["response"]);
            Callback = Explore.Template.All(node["callback"]);
            Failure = Explore.Template.All(node["failure"]);
        }
    }

    internal sealed class Event
    {
        internal readonly string Name;
        internal readonly string Target;
        internal readonly string Ends;
        internal readonly Template[] Template;

        internal Event(Node node)
        {
            Name = node["name"].Text;
            Target = node["target"].Text;
            Ends = node["ends"].Text;
            Template = Explore.Template.All(node["template"]);
        }
    }

    internal sealed class SessionRule
    {
        internal readonly string Kind;
        internal readonly string Open;
        internal readonly string Close;
        internal readonly string Announced;
        internal readonly string Marker;

        internal SessionRule(Node node)
        {
            Kind = node["kind"].Text;
            Open = node["open"].Text;
            Close = node["close"].Text;
            Announced = node["announced"].Text;
            Marker = node["marker"].Text;
        }
    }

    /// <summary>A value of a JSON document; what is not there is empty.</summary>
    internal struct Node
    {
        private readonly object _value;

        internal Node(object value)
        {
            _value = value;
        }

        internal bool IsNull
        {
            get { return _value == null; }
        }

        internal string Text
        {
            get { return _value as string ?? string.Empty; }
        }

        internal int Int
        {
            get { return _value == null ? -1 : Convert.ToInt32(_value, CultureInfo.InvariantCulture); }
        }

        internal ulong Long
        {
            get { return _value is long ? (ulong)(long)_value : Convert.ToUInt64(_value, CultureInfo.InvariantCulture); }
        }

        internal bool Bool
        {
            get { return _value is bool && (bool)_value; }
        }

        internal IEnumerable<Node> List
        {
            get
            {
                List<object> values = _value as List<object>;
                return values == null ? Enumerable.Empty<Node>() : values.Select(value => new Node(value));
            }
        }

        internal int Count
        {
            get { return _value is List<object> ? ((List<object>)_value).Count : 0; }
        }

        internal int[] Ints
        {
            get { return List.Select(one => one.Int).ToArray(); }
        }

        internal Node this[string name]
        {
            get
            {
                Dictionary<string, object> values = _value as Dictionary<string, object>;
                object value;
                return new Node(values != null && values.TryGetValue(name, out value) ? value : null);
            }
        }

        internal Node this[int index]
        {
            get { return new Node(index < Count ? ((List<object>)_value)[index] : null); }
        }
    }
}
