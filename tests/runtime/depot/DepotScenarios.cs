// Scenarios against the depot: each asserts itself, and ends with nothing left on either side.
using System;
using System.Collections.Generic;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;
using Acme.Depot;
using Acme.Depot.Messages;
using GenBindings.Harness;

public static class DepotScenarios
{
    private const int Deadline = 10000;
    private const uint Never = 3600000;

    private static readonly List<string> Reports = new List<string>();

    /// <summary>Runs the cases that are named in the arguments; the answer has the fault of each, or "ok".</summary>
    public static string Run(string arguments)
    {
        Diagnostics.Reported += delegate(object sender, DiagnosticEventArgs e)
        {
            lock (Reports)
            {
                Reports.Add(e.Message);
            }
        };
        var results = new List<object>();
        foreach (var name in (IList<object>)((IDictionary<string, object>)Json.Parse(arguments))["cases"])
        {
            results.Add(name);
            results.Add(RunOne((string)name));
        }
        return Json.Object(results.ToArray());
    }

    private static string RunOne(string name)
    {
        Scenario.Stage(name);
        lock (Reports)
        {
            Reports.Clear();
        }
        try
        {
            Cases[name]();
            Equal(0, LiveHandles.Total, "handles that the client still owns");
            lock (Reports)
            {
                Equal("", string.Join("; ", Reports.ToArray()), "diagnostics");
            }
            return "ok";
        }
        catch (Exception error)
        {
            return error.ToString();
        }
    }

    private static readonly Dictionary<string, Action> Cases = new Dictionary<string, Action>
    {
        { "open_put_count_inspect", OpenPutCountInspect },
        { "facts_come_back_as_they_went", FactsComeBack },
        { "weigh_with_an_optional_second_item", Weigh },
        { "refusals_carry_the_depots_text", Refusals },
        { "ship_consumes_the_box", Ship },
        { "a_refused_ship_keeps_the_box", ShipRefused },
        { "pack_answered_before_the_reply", PackEager },
        { "pack_answered_later", PackNormal },
        { "packs_from_many_threads", PackMany },
        { "pack_refused_by_the_notice", PackRefused },
        { "pack_cancelled_releases_what_comes_late", PackCancelled },
        { "pack_never_answered_ends_with_the_client", PackNever },
        { "item_arrives_under_its_box", ItemArrives },
        { "item_for_a_box_that_is_gone_is_released", ItemArrivesTooLate },
        { "spoiled_item_leaves_the_tree", ItemSpoiled },
        { "spoiled_item_of_an_unknown_box_is_nobodys", SpoiledElsewhere },
        { "label_changed_renews_the_key", LabelChanged },
        { "bell_is_the_clients_event", Bell },
        { "start_that_fails_says_why", StartFails },
        { "children_are_released_first_and_once", Cascade },
        { "dispose_leaves_nothing_and_starts_again", DisposeAndAgain },
        { "abandoned_box_is_released_items_first", Abandoned },
        { "use_after_dispose_is_refused", UseAfterDispose },
    };

    private static void OpenPutCountInspect()
    {
        using (var client = DepotClient.Initialize())
        {
            var tags = new Dictionary<string, string> { { "to", "Ålesund" }, { "", "empty" } };
            var box = client.OpenBox("tools", 4, tags, BoxFacts.LidType.Taped);
            Equal("tools", box.Label, "label");
            Equal((uint?)4, box.Capacity, "capacity");
            Equal(BoxFacts.LidType.Taped, box.Lid.Value, "lid");
            Equal("Ålesund|empty", box.Info.Tags["to"] + "|" + box.Info.Tags[""], "tags");
            Check(client.Boxes.Single() == box, "the client lists the box");

            var hammer = box.PutItem(new ItemFacts { Label = "hammer", Weight = 800 });
            var nail = box.PutItem(new ItemFacts { Label = "nail" });
            Equal(800, hammer.Weight.Value, "weight");
            Equal(null, nail.Weight, "no weight");
            Equal("hammer nail", Labels(box), "items of the box, oldest first");
            Check(hammer.Box == box, "an item knows its box");

            var counted = box.CountItems();
            Equal(2u, counted.Total, "total");
            Equal(800, counted.Found["hammer"].Weight.Value, "an entry of the map");
            Equal(800, box.InspectItem(hammer).Weight.Value, "inspected by its label");
            Equal("total=3 boxes=1 items=2 other=0", LiveHandles.Line(), "live handles");

            nail.Dispose();
            Equal(1u, box.CountItems().Total, "total after one item was given up");
            Equal("hammer", Labels(box), "items after one was given up");
            box.Dispose();
            Settled(client);
        }
    }

    private static void FactsComeBack()
    {
        using (var client = DepotClient.Initialize())
        using (var box = client.OpenBox("facts"))
        {
            var facts = new ItemFacts { Label = "odd" };
            facts.Marks.Add(0);
            facts.Marks.Add(uint.MaxValue);
            facts.Notes.Add("a");
            facts.Notes.Add("");
            facts.Oddments = new Oddments { ASint64 = long.MinValue, SomeBytes = new byte[] { 0, 255 }, ABool = false };
            facts.Oddments.Drawers[-3] = new Oddments { AString = "inner" };
            facts.Oddments.Mood = Oddments.MoodType.Grim;
            var back = box.InspectItem(box.PutItem(facts));
            Equal("0,4294967295", string.Join(",", back.Marks), "packed numbers");
            Equal("a,", string.Join(",", back.Notes), "strings");
            Equal((long?)long.MinValue, back.Oddments.ASint64, "sint64");
            Equal("0,255", string.Join(",", back.Oddments.SomeBytes), "bytes");
            Equal((bool?)false, back.Oddments.ABool, "a false that was set");
            Equal(null, back.Oddments.AnInt32, "what was not set");
            Equal("inner", back.Oddments.Drawers[-3].AString, "a message in a map");
            Equal(Oddments.MoodType.Grim, back.Oddments.Mood.Value, "the lowest enum value");
        }
    }

    private static void Weigh()
    {
        using (var client = DepotClient.Initialize())
        using (var box = client.OpenBox("scale"))
        {
            var heavy = box.PutItem(new ItemFacts { Label = "heavy", Weight = 900 });
            var light = box.PutItem(new ItemFacts { Label = "light", Weight = 150 });
            Equal(900, heavy.Weigh(), "one item");
            Equal(750, heavy.Weigh(light), "heavier");
            Equal(-750, light.Weigh(heavy), "lighter");
            heavy.Dispose();
            Throws<ObjectDisposedException>(() => light.Weigh(heavy), "a second item that is gone");
            Equal(150, light.Weigh(), "the first is unharmed");
        }
    }

    private static void Refusals()
    {
        using (var client = DepotClient.Initialize())
        using (var box = client.OpenBox("one", 1))
        {
            Equal("open_box: a box needs a label", Refused(() => client.OpenBox("")).Message, "no label");
            Equal(
                "open_box: a box with this label is held already",
                Refused(() => client.OpenBox("one")).Message,
                "a label that is taken");
            box.PutItem(new ItemFacts { Label = "first" });
            var full = Refused(() => box.PutItem(new ItemFacts { Label = "second" }));
            Equal("put_item", full.Operation, "the operation that was refused");
            Equal("put_item: the box is full: it takes 1 items", full.Message, "a full box");
            using (client.OpenBox("two"))
            {
                Equal(
                    "relabel_box: a box with this label is held already",
                    Refused(() => box.Relabel("two")).Message,
                    "a refusal that is a member of the reply");
            }
            Equal("one", box.Label, "the label is kept");
            Throws<ArgumentNullException>(() => client.OpenBox(null), "a required string");
            Throws<ArgumentNullException>(() => box.PutItem(null), "a required message");
        }
    }

    private static void Ship()
    {
        using (var client = DepotClient.Initialize())
        {
            var box = client.OpenBox("export");
            var item = box.PutItem(new ItemFacts { Label = "vase", Weight = 1200 });
            var grip = box.Core.Handle.Id;
            Equal(1200, box.Ship()["vase"], "the manifest");
            Equal("total=1 boxes=0 items=1 other=0", LiveHandles.Line(), "the box is no longer ours");
            var thrown = Throws<ObjectDisposedException>(() => box.CountItems(), "use after the box was shipped");
            Check(thrown.Message.Contains("consumed"), "the exception says why: " + thrown.Message);
            Throws<ObjectDisposedException>(() => box.Ship(), "shipping it again");
            Equal(1200, item.Weigh(), "its items stay held");
            box.Dispose();
            box.Dispose();
            Throws<ObjectDisposedException>(() => item.Weigh(), "the item went with the box");
            var releases = Settled(client).Releases;
            Equal(
                "shipped box, released item",
                string.Join(", ", releases.Select(r => (r.Shipped == true ? "shipped " : "released ") + Word(r.Kind))),
                "the depot's log: no release of the box");
            Equal((uint)grip, releases[0].Number, "the grip that was shipped");
        }
    }

    private static void ShipRefused()
    {
        using (var client = DepotClient.Initialize())
        {
            var box = client.OpenBox("torn", lid: BoxFacts.LidType.Torn);
            Equal("ship_box: the lid is torn", Refused(() => box.Ship()).Message, "the depot's text");
            Equal(0u, box.CountItems().Total, "the box is still usable");
            Equal("total=1 boxes=1 items=0 other=0", LiveHandles.Line(), "the box is still ours");
            box.Dispose();
            Equal("box", Log(Settled(client)), "released by its owner, once");
        }
    }

    private static void PackEager()
    {
        using (var client = DepotClient.Initialize())
        using (var box = client.OpenBox("eager"))
        {
            for (var round = 0; round < 20; round++)
            {
                var pack = box.PackAsync(new[] { "a" + round, "b" + round }, eager: true);
                Check(pack.Wait(Deadline), "the notice that came before the reply was not lost");
                Equal("a" + round + " b" + round, string.Join(" ", pack.Result.Select(i => i.Label)), "the items, in order");
                Check(pack.Result.All(i => i.Box == box), "they stand under the box");
                foreach (var item in pack.Result)
                {
                    item.Dispose();
                }
            }
        }
    }

    private static void PackNormal()
    {
        using (var client = DepotClient.Initialize())
        using (var box = client.OpenBox("later"))
        {
            var slow = box.PackAsync(new[] { "slow" }, delayMs: 60);
            var fast = box.PackAsync(new[] { "fast" });
            Check(fast.Wait(Deadline) && slow.Wait(Deadline), "both are done");
            Equal("fast|slow", fast.Result.Single().Label + "|" + slow.Result.Single().Label, "told apart by the ticket");
            Equal(0, box.PackAsync().Result.Count, "nothing to pack");
            Equal("fast slow", Labels(box), "attached as they came");
        }
    }

    private static void PackMany()
    {
        using (var client = DepotClient.Initialize())
        using (var box = client.OpenBox("crowd", 1000))
        {
            var faults = new List<string>();
            var threads = Enumerable.Range(0, 4).Select(worker => new Thread(() =>
            {
                for (var round = 0; round < 25; round++)
                {
                    var label = worker + "-" + round;
                    var pack = box.PackAsync(new[] { label }, eager: round % 2 == 0);
                    if (!pack.Wait(Deadline) || pack.Result.Single().Label != label)
                    {
                        lock (faults)
                        {
                            faults.Add(label);
                        }
                    }
                }
            })).ToList();
            threads.ForEach(t => t.Start());
            threads.ForEach(t => t.Join());
            Equal("", string.Join(" ", faults), "packs that were lost or mixed up");
            Equal(100u, box.CountItems().Total, "items in the box");
            Equal(100, box.Items.Count, "items in the tree");
        }
    }

    private static void PackRefused()
    {
        using (var client = DepotClient.Initialize())
        using (var box = client.OpenBox("small", 1))
        {
            foreach (var eager in new[] { false, true })
            {
                var pack = box.PackAsync(new[] { "a", "b" }, eager: eager);
                var error = Refused(() => { Check(pack.Wait(Deadline), "answered"); Use(pack.Result); });
                Equal("pack_box: the box is too small", error.Message, "the refusal of the notice");
            }
            Equal(0, box.Items.Count, "nothing was packed");
        }
    }

    private static void PackCancelled()
    {
        using (var client = DepotClient.Initialize())
        using (var box = client.OpenBox("cancelled"))
        using (var giveUp = new CancellationTokenSource())
        {
            var pack = box.PackAsync(new[] { "late", "later" }, delayMs: 100, cancellationToken: giveUp.Token);
            giveUp.Cancel();
            Check(Scenario.Until(() => pack.IsCompleted, Deadline), "the operation ends at once");
            Check(pack.IsCanceled, "as cancelled");
            Throws<OperationCanceledException>(() => pack.Wait(), "waiting for it");
            Check(Scenario.Until(() => client.Tally().Releases.Count == 2, Deadline), "what came late was released");
            Equal("item item", Log(client.Tally()), "the items, not the box");
            Equal(0, box.Items.Count, "and stands nowhere in the tree");
        }
    }

    private static void PackNever()
    {
        Operation<IReadOnlyList<Item>> pack;
        using (var client = DepotClient.Initialize())
        {
            var box = client.OpenBox("never");
            pack = box.PackAsync(new[] { "ghost" }, delayMs: Never);
            Check(!pack.Wait(50), "it does not end by itself");
        }
        Throws<ObjectDisposedException>(() => { Check(pack.Wait(Deadline), "ended"); Use(pack.Result); }, "the client is gone");
        Equal(0u, depot_left_behind(), "grips that the depot had to forget");
    }

    private static void ItemArrives()
    {
        using (var client = DepotClient.Initialize())
        using (var box = client.OpenBox("here"))
        using (var other = client.OpenBox("there"))
        {
            ItemArrivedEventArgs arrived = null;
            object sender = null;
            box.ItemArrived += delegate(object s, ItemArrivedEventArgs e)
            {
                sender = s;
                Volatile.Write(ref arrived, e);
            };
            other.ItemArrived += delegate { throw new InvalidOperationException("the wrong box"); };
            box.DeliverItem("parcel");
            Check(Scenario.Until(() => Volatile.Read(ref arrived) != null, Deadline), "the event came");
            Check(sender == box && arrived.Box == box, "it is the box's event");
            Equal("here", arrived.BoxLabel, "the label that the notice gave");
            Equal("parcel", arrived.Item.Label, "the item");
            Check(box.Items.Single() == arrived.Item && arrived.Item.Box == box, "it stands under the box, without being kept");
            Equal(0, other.Items.Count, "and not under the other");
        }
    }

    private static void ItemArrivesTooLate()
    {
        using (var client = DepotClient.Initialize())
        {
            var box = client.OpenBox("gone");
            box.ItemArrived += delegate { throw new InvalidOperationException("nobody is here any more"); };
            box.DeliverItem("orphan", 40);
            box.Dispose();
            Check(Scenario.Until(() => client.Tally().Releases.Count == 2, Deadline), "the late item was released");
            Equal("box item", Log(Settled(client)), "at once, as it had no place");
        }
    }

    private static void ItemSpoiled()
    {
        using (var client = DepotClient.Initialize())
        using (var box = client.OpenBox("fruit"))
        {
            var apple = box.PutItem(new ItemFacts { Label = "apple" });
            var pear = box.PutItem(new ItemFacts { Label = "pear" });
            var seen = "";
            apple.ItemSpoiled += (sender, e) =>
                seen = Flags(sender == apple, e.Item == apple, e.Box == box, apple.Spoiled == true, apple.IsDisposed);
            pear.ItemSpoiled += (sender, e) => seen = "the wrong item";
            apple.Poke();
            Check(Scenario.Until(() => apple.IsDisposed, Deadline), "it was taken out of the tree");
            Equal("yyyyn", seen, "sender, item, box, fact set before the event, released only after it");
            Equal("pear", Labels(box), "the other stays");
            Equal(1u, box.CountItems().Total, "and only its grip");
            Throws<ObjectDisposedException>(() => apple.Poke(), "use of the spoiled item");
            pear.Dispose();
        }
    }

    private static void SpoiledElsewhere()
    {
        using (var client = DepotClient.Initialize())
        using (var left = client.OpenBox("left"))
        using (var right = client.OpenBox("right"))
        {
            var twin = left.PutItem(new ItemFacts { Label = "twin" });
            var other = right.PutItem(new ItemFacts { Label = "twin" });
            var heard = 0;
            other.ItemSpoiled += delegate { heard++; };
            // The item outlives its box on the depot's side, so a notice can name a box that is gone here.
            Equal(2u, client.Tally().Items, "items");
            Send(client, Poke(twin.Core.Handle.Id), () => left.Dispose());
            var bell = 0;
            client.BellHeard += delegate { Volatile.Write(ref bell, 1); };
            client.RingBell();
            Check(Scenario.Until(() => Volatile.Read(ref bell) == 1, Deadline), "and dealt with: a later one is");
            Equal(0, heard, "an item of the same label in another box was not meant");
            Check(!other.IsDisposed, "nor taken out of the tree");
        }
    }

    private static void LabelChanged()
    {
        using (var client = DepotClient.Initialize())
        using (var box = client.OpenBox("before"))
        {
            var seen = "";
            box.LabelChanged += (sender, e) => Volatile.Write(ref seen, e.FormerLabel + ">" + box.Label + ">" + e.Facts.Label);
            Equal("after", box.Relabel("after").Label, "the reply");
            Check(Scenario.Until(() => Volatile.Read(ref seen) != "", Deadline), "the event came");
            Equal("before>after>after", seen, "the facts were renewed before the event");

            Item arrived = null;
            box.ItemArrived += (sender, e) => Volatile.Write(ref arrived, e.Item);
            box.DeliverItem("parcel");
            Check(Scenario.Until(() => Volatile.Read(ref arrived) != null, Deadline), "found by its new label");

            using (var second = client.OpenBox("before"))
            {
                Volatile.Write(ref arrived, null);
                Item elsewhere = null;
                second.ItemArrived += (sender, e) => Volatile.Write(ref elsewhere, e.Item);
                second.DeliverItem("other");
                Check(Scenario.Until(() => Volatile.Read(ref elsewhere) != null, Deadline), "the old label is another box's now");
                Check(arrived == null && elsewhere.Box == second, "and only that one's");
            }

            // What an item's notices call its box follows as well.
            var item = box.PutItem(new ItemFacts { Label = "plum" });
            item.Poke();
            Check(Scenario.Until(() => item.IsDisposed, Deadline), "an item below the new label");
        }
    }

    private static void Bell()
    {
        using (var client = DepotClient.Initialize())
        {
            BellHeardEventArgs heard = null;
            client.BellHeard += (sender, e) => Volatile.Write(ref heard, sender == client ? e : null);
            client.RingBell(melody: new byte[] { 7, 0, 255 });
            Check(Scenario.Until(() => Volatile.Read(ref heard) != null, Deadline), "the bell was heard");
            Equal(440.0, heard.Tone, "the default tone");
            Equal("7,0,255", string.Join(",", heard.Melody), "the melody, copied before the notice ended");
        }
        using (var client = DepotClient.Initialize(NativeMethods.DEPOT_FLAG_MUTE_BELL))
        {
            var heard = false;
            client.BellHeard += delegate { heard = true; };
            client.RingBell();
            Equal(0u, client.Tally().Pending, "a muted bell sends nothing");
            Check(!heard, "and nothing is heard");
        }
    }

    private static void StartFails()
    {
        var error = Throws<DepotException>(() => DepotClient.Initialize(6), "flags that mean nothing");
        Equal("depot_start: flags 0x6 has bits that mean nothing", error.Message, "the depot's own text");
        using (var client = DepotClient.Initialize())
        {
            Equal(0u, client.Tally().Boxes, "a later start works");
            Throws<InvalidOperationException>(() => DepotClient.Initialize(), "a second client");
        }
    }

    private static void Cascade()
    {
        using (var client = DepotClient.Initialize())
        {
            var box = client.OpenBox("tree");
            var numbers = new List<ulong> { box.Core.Handle.Id };
            numbers.Add(box.PutItem(new ItemFacts { Label = "put" }).Core.Handle.Id);
            numbers.AddRange(box.PackAsync(new[] { "p1", "p2" }, eager: true).Result.Select(i => i.Core.Handle.Id));
            box.DeliverItem("delivered");
            Check(Scenario.Until(() => box.Items.Count == 4, Deadline), "delivered");
            numbers.Add(box.Items[3].Core.Handle.Id);
            Check(numbers.All(n => n > int.MaxValue && n <= uint.MaxValue), "grips use all 32 bits");
            box.Dispose();
            var tally = Settled(client);
            Equal("item item item item box", Log(tally), "children first");
            Equal(
                string.Join(" ", numbers.OrderBy(n => n)),
                string.Join(" ", tally.Releases.Select(r => (ulong)r.Number).OrderBy(n => n)),
                "each grip once");
            box.Dispose();
            Equal(5, client.Tally().Releases.Count, "a second dispose releases nothing");
        }
    }

    private static void DisposeAndAgain()
    {
        for (var round = 0; round < 3; round++)
        {
            Box box;
            Item item;
            var client = DepotClient.Initialize();
            using (client)
            {
                box = client.OpenBox("again");
                item = box.PutItem(new ItemFacts { Label = "thing" });
                box.DeliverItem("late", Never);
            }
            client.Dispose();
            Equal(0u, depot_left_behind(), "grips that the depot had to forget, round " + round);
            Check(box.IsDisposed && item.IsDisposed, "the objects ended with the client");
            Throws<ObjectDisposedException>(() => client.OpenBox("late"), "the client is gone");
        }
    }

    private static void Abandoned()
    {
        using (var client = DepotClient.Initialize())
        {
            var dropper = new Thread(() => client.OpenBox("forgotten").PutItem(new ItemFacts { Label = "forgotten" }));
            dropper.Start();
            dropper.Join();
            Check(
                Scenario.Until(
                    () =>
                    {
                        Scenario.CollectGarbage();
                        return client.Tally().Releases.Count == 2;
                    },
                    Deadline),
                "the garbage collector found it");
            Equal("item box", Log(Settled(client)), "children first, each once");
        }
        lock (Reports)
        {
            Check(Reports.Count > 0 && Reports.All(r => r.Contains("abandoned")), "reported as a leak: " + string.Join("; ", Reports.ToArray()));
            Reports.Clear();
        }
    }

    private static void UseAfterDispose()
    {
        using (var client = DepotClient.Initialize())
        {
            var box = client.OpenBox("closed");
            var item = box.PutItem(new ItemFacts { Label = "thing" });
            box.Dispose();
            Throws<ObjectDisposedException>(() => box.CountItems(), "a method");
            Throws<ObjectDisposedException>(() => box.PackAsync(), "an asynchronous method");
            Throws<ObjectDisposedException>(() => item.Poke(), "a method of a child");
            using (var other = client.OpenBox("open"))
            {
                Throws<ObjectDisposedException>(() => other.InspectItem(item), "a released object as an argument");
            }
        }
    }

    // What the depot holds, which must be nothing.
    private static Tallied Settled(DepotClient client)
    {
        var tally = client.Tally();
        Equal("0 boxes, 0 items", tally.Boxes + " boxes, " + tally.Items + " items", "what the depot holds");
        Equal(0u, tally.Replies, "replies that were not freed");
        Equal(0u, tally.BadFrees, "wrong frees");
        Equal(0, LiveHandles.Total, "handles that the client owns");
        Check(tally.Releases.All(r => r.Kind != GripKind.Unknown), "every release was of a grip that was held");
        return tally;
    }

    private static string Log(Tallied tally)
    {
        return string.Join(" ", tally.Releases.Select(r => Word(r.Kind)));
    }

    private static string Word(GripKind kind)
    {
        return kind == GripKind.Box ? "box" : kind == GripKind.Item ? "item" : "nothing";
    }

    private static string Labels(Box box)
    {
        return string.Join(" ", box.Items.Select(i => i.Label));
    }

    private static string Flags(params bool[] flags)
    {
        return string.Concat(flags.Select(f => f ? "y" : "n"));
    }

    // PokeItem as bytes, for an item that the client may no longer use.
    private static byte[] Poke(ulong grip)
    {
        var inner = new List<byte> { 8 };
        for (var rest = grip; ; rest >>= 7)
        {
            inner.Add((byte)(rest < 128 ? rest : (rest & 127) | 128));
            if (rest < 128)
            {
                break;
            }
        }
        return new byte[] { 50, (byte)inner.Count }.Concat(inner).ToArray();
    }

    // Sends a request while the dispatcher is kept busy, and does something before its notices are dealt with.
    private static void Send(DepotClient client, byte[] request, Action before)
    {
        using (var entered = new ManualResetEventSlim())
        using (var leave = new ManualResetEventSlim())
        {
            EventHandler<BellHeardEventArgs> block = delegate
            {
                entered.Set();
                leave.Wait(Deadline);
            };
            client.BellHeard += block;
            client.RingBell();
            Check(entered.Wait(Deadline), "the dispatcher is busy");
            client.BellHeard -= block;
            client.Request(request);
            Check(Scenario.Until(() => client.Tally().Notices == 2, Deadline), "the notice waits");
            before();
            leave.Set();
        }
    }

    private static void Use(object value)
    {
        GC.KeepAlive(value);
    }

    private static void Check(bool condition, string what)
    {
        if (!condition)
        {
            throw new InvalidOperationException("not so: " + what);
        }
    }

    private static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new InvalidOperationException(what + ": expected <" + expected + ">, found <" + actual + ">");
        }
    }

    private static DepotException Refused(Action action)
    {
        return Throws<DepotException>(action, "a refusal");
    }

    private static T Throws<T>(Action action, string what)
        where T : Exception
    {
        try
        {
            action();
        }
        catch (T error)
        {
            return error;
        }
        throw new InvalidOperationException(what + ": expected " + typeof(T).Name + ", nothing was thrown");
    }

    [DllImport("depot", CallingConvention = CallingConvention.Cdecl)]
    private static extern uint depot_left_behind();
}
