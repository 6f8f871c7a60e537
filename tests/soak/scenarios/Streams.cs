// Steps about packets, and streams of text and bytes.
using System;
using System.Linq;
using Reference.Ffi;
using Reference.Ffi.Messages;

namespace Scenarios
{
    internal sealed partial class Play
    {
        private void Data(Dice dice)
        {
            string[] joined = AnyJoined(dice);
            if (joined != null)
            {
                _client.ControlSendData(joined[0], joined[1], new byte[dice.Below(2000)], dice.OneIn(2), "topic");
                _client.ControlSendDtmf(joined[0], joined[1], 5);
            }

            LocalParticipant me = AnyMe(dice);
            if (me != null)
            {
                me.PublishData(new byte[dice.Below(100)], true);
                Keep(me.PublishDataAsync(new byte[dice.Below(100)], dice.OneIn(2)));
            }
        }

        private void Received(Dice dice, DataPacketReceivedEventArgs e)
        {
            Saw("packet");
            if (e.Data != null && dice.OneIn(3))
            {
                e.Data.Keep();
            }

            if (dice.OneIn(30))
            {
                throw new InvalidOperationException(Own);
            }
        }

        /// <summary>Others open streams, whole ones and such as never end.</summary>
        private void Texts(Dice dice)
        {
            string[] joined = AnyJoined(dice);
            if (joined == null)
            {
                return;
            }

            bool open = dice.OneIn(3);
            if (dice.OneIn(2))
            {
                _client.ControlSendText(joined[0], joined[1], "topic", new[] { "one ", "two" }, open);
            }
            else
            {
                _client.ControlSendBytes(joined[0], joined[1], "topic", "name", new[] { new byte[300], new byte[1] }, open);
            }
        }

        private void Opened(Dice dice, TextStreamReader reader)
        {
            Saw("stream");
            if (reader == null)
            {
                // Of a participant that the script has disposed.
                return;
            }

            switch (dice.Below(4))
            {
                case 0:
                    Keep(reader.ReadAllAsync());
                    break;
                case 1:
                    reader.Keep();
                    reader.ReadIncremental();
                    break;
                case 2:
                    reader.Keep();
                    break;
                default:
                    break;
            }
        }

        private void Opened(Dice dice, ByteStreamReader reader)
        {
            Saw("stream");
            if (reader == null)
            {
                // Of a participant that the script has disposed.
                return;
            }

            switch (dice.Below(4))
            {
                case 0:
                    Keep(reader.ReadAllAsync());
                    break;
                case 1:
                    reader.Keep();
                    reader.ReadIncremental();
                    break;
                case 2:
                    reader.Keep();
                    break;
                default:
                    break;
            }
        }

        private void OpenWriter(Dice dice)
        {
            LocalParticipant me = AnyMe(dice);
            if (me == null)
            {
                return;
            }

            Operation opening = dice.OneIn(2)
                ? (Operation)Keep(me.OpenTextStreamAsync(new StreamTextOptions { Topic = "topic" }))
                : Keep(me.OpenByteStreamAsync(new StreamByteOptions { Topic = "topic" }));
            if (dice.OneIn(5))
            {
                opening.Cancel();
            }
            else if (dice.OneIn(2))
            {
                Poll(delegate { return opening.IsCompleted; }, 10);
            }
        }

        private void Write(Dice dice)
        {
            LocalParticipant me = AnyMe(dice);
            if (me == null)
            {
                return;
            }

            TextStreamWriter text = dice.Pick(me.TextStreamWriters.ToList());
            ByteStreamWriter bytes = dice.Pick(me.ByteStreamWriters.ToList());
            int what = dice.Below(4);
            if (text != null)
            {
                if (what == 0)
                {
                    text.Dispose();
                }
                else
                {
                    Keep(what == 1 ? text.CloseAsync() : text.WriteAsync("piece"));
                }
            }

            if (bytes != null)
            {
                if (what == 0)
                {
                    bytes.Dispose();
                }
                else
                {
                    Keep(what == 1 ? bytes.CloseAsync() : bytes.WriteAsync(new byte[50]));
                }
            }
        }
    }
}
