// How the library calls back: answers, events, the ends of sessions, and in what unusual ways.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace GenBindings.Explore
{
    internal sealed unsafe partial class Library
    {
        private void CallBack(Explore.Request request, ulong asyncId, Thing receiver, List<Thing> held)
        {
            SessionRule closes = Contract.Sessions.Values.FirstOrDefault(rule => rule.Close == request.Name);
            int how = request.Role == "shutdown" ? 0 : Scheduler.Choice(closes == null ? 5 : 4, "how to call back");
            Covered(Manners[how], request.Name);
            if (closes != null && receiver != null)
            {
                Close(closes, request, asyncId, receiver, how);
                return;
            }

            if (how == 1)
            {
                return;
            }

            new Lane("native " + request.Name).Post(delegate
            {
                if (how == 3)
                {
                    Wait(20000);
                }

                foreach (Thing thing in held)
                {
                    thing.Cell.Visible(false);
                    // An ended session gives up what its operations held.
                    if (!thing.Alive && how != 3 && !IsOver(receiver))
                    {
                        Violations.Add("released too early", thing.Name + " was released before the callback of " + request.Name + " came, which uses it.");
                    }
                }

                Template[] template = how == 4 && request.Failure != null ? request.Failure : request.Callback;
                Answer(request, asyncId, receiver, template, how == 2);
            });
        }

        /// <summary>Calls back once or twice; what it brings is born when it is delivered.</summary>
        private void Answer(Explore.Request request, ulong asyncId, Thing receiver, Template[] template, bool twice)
        {
            if (!MayDeliver())
            {
                return;
            }

            Encoder encoder = new Encoder(this, asyncId, receiver);
            byte[] bytes = encoder.Write(template);
            Describe(encoder, request.Name);
            Deliver(bytes, request.Name);
            if (twice && MayDeliver())
            {
                Deliver(bytes, request.Name);
            }
        }

        private bool MayDeliver()
        {
            Scheduler.Point();
            _cell.Visible(false);
            return IsOn && !_ends;
        }

        private void Close(SessionRule rule, Explore.Request request, ulong asyncId, Thing session, int how)
        {
            bool late = Scheduler.Choice(2, "to look the session up late") == 1;
            LaneOf(session).Post(delegate
            {
                session.Cell.Visible(false);
                if (late)
                {
                    Covered("looks up late", request.Name);
                    if (!session.Alive)
                    {
                        Violations.Add("abort", "The library looks " + session.Name + " up for " + request.Name + " after it was released, and aborts.");
                        return;
                    }
                }

                if (how == 3)
                {
                    Wait(20000);
                }

                bool ends = !session.Ended;
                session.Ended = true;
                if (ends && rule.Marker.Length > 0)
                {
                    Deliver(Contract.Events[rule.Marker], session);
                }

                if (how != 1)
                {
                    Answer(request, asyncId, session, request.Callback, how == 2);
                }
            });
        }

        private static void Wait(int milliseconds)
        {
            Scheduler.Current.Waiting = Waiting.Time;
            Scheduler.Current.Deadline = Scheduler.Now + milliseconds * 10000L;
            Scheduler.Block();
        }

        private void Deliver(Event what, Thing target)
        {
            if (!MayDeliver())
            {
                return;
            }

            Covered("sends", what.Name);
            Encoder encoder = new Encoder(this, 0, target);
            byte[] bytes = encoder.Write(what.Template);
            Describe(encoder, what.Name);
            Deliver(bytes, what.Name);
        }

        private void Deliver(byte[] bytes, string what)
        {
            Trace.Add("delivers", what);
            _inside++;
            try
            {
                fixed (byte* data = bytes)
                {
                    Invoke(data, bytes.Length);
                }
            }
            catch (RunOverException)
            {
                throw;
            }
            catch (Exception error)
            {
                Violations.Add("exception in the callback", "An exception left the callback that was given " + what + ": " + error.Message);
            }
            finally
            {
                _inside--;
                if (!Scheduler.Unwinding)
                {
                    _cell.Visible(false);
                }
            }
        }

        private void Invoke(byte* data, int size)
        {
            if (_raw != null)
            {
                _raw(data, (UIntPtr)(uint)size);
                return;
            }

            ParameterInfo[] parameters = _callback.Method.GetParameters();
            object[] arguments = new object[parameters.Length];
            for (int i = 0; i < parameters.Length; i++)
            {
                Type type = parameters[i].ParameterType;
                ulong value = i == Contract.CallbackData ? (ulong)data : i == Contract.CallbackSize ? (ulong)size : 0;
                arguments[i] = type.IsPointer ? Pointer.Box((void*)value, type)
                    : type == typeof(IntPtr) ? (object)(IntPtr)(long)value
                    : type == typeof(UIntPtr) ? (object)(UIntPtr)value
                    : Convert.ChangeType(value, type);
            }

            try
            {
                _callback.DynamicInvoke(arguments);
            }
            catch (TargetInvocationException wrapped)
            {
                if (wrapped.InnerException is RunOverException)
                {
                    throw new RunOverException();
                }

                throw wrapped.InnerException;
            }
        }
    }
}
