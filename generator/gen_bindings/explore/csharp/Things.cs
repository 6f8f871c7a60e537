// What the library gave out, and the threads of its own.
using System;
using System.Collections.Generic;

namespace GenBindings.Explore
{
    /// <summary>A handle that the library gave out.</summary>
    internal sealed class Thing
    {
        internal readonly Cell Cell = new Cell();
        internal readonly ulong Id;
        internal readonly string Kind;
        internal readonly string Role;
        internal readonly Thing Parent;
        internal readonly string Key;
        internal bool Alive = true;
        internal bool Settled;
        internal bool Ended;
        internal Lane Lane;

        internal Thing(ulong id, string kind, string role, Thing parent, string key)
        {
            Id = id;
            Kind = kind;
            Role = role;
            Parent = parent;
            Key = key;
        }

        internal string Name
        {
            get { return (Role.Length > 0 ? Role : Kind) + " " + Id; }
        }
    }

    /// <summary>A native thread: what is to be done by it is done in order.</summary>
    internal sealed class Lane
    {
        private readonly Queue<Action> _work = new Queue<Action>();
        private readonly string _name;
        private readonly Cell _cell = new Cell();
        private bool _runs;

        internal Lane(string name)
        {
            _name = name;
        }

        internal void Post(Action work)
        {
            _cell.Visible(true);
            _work.Enqueue(work);
            if (!_runs)
            {
                _runs = true;
                Scheduler.Start(_name, Run, true);
            }
        }

        private void Run()
        {
            _cell.Visible(true);
            while (_work.Count > 0)
            {
                _work.Dequeue()();
                _cell.Visible(true);
            }

            _runs = false;
        }
    }
}
