// The other participants and the server, as a scenario sees them.
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Text;
using GenBindings.Harness;
using LiveKit.Ffi;

namespace LiveKitLab
{
    /// <summary>Gives orders to the process with the official Python clients; each over a connection of its own.</summary>
    internal sealed class Director
    {
        private readonly string _host;
        private readonly int _port;

        public Director(object arguments)
        {
            Arguments = (Dictionary<string, object>)arguments;
            string[] address = ((string)Arguments["director"]).Split(':');
            _host = address[0];
            _port = int.Parse(address[1]);
        }

        public Dictionary<string, object> Arguments { get; }

        /// <summary>Has a command carried out; returns what it answers when it is done.</summary>
        public object Ask(string command, params object[] namesAndValues)
        {
            var order = new object[namesAndValues.Length + 2];
            order[0] = "do";
            order[1] = command;
            namesAndValues.CopyTo(order, 2);
            using (var connection = new TcpClient(_host, _port))
            using (NetworkStream stream = connection.GetStream())
            {
                byte[] line = Encoding.UTF8.GetBytes(Json.Object(order) + "\n");
                stream.Write(line, 0, line.Length);
                string text = new StreamReader(stream, Encoding.UTF8).ReadToEnd();
                var answer = (Dictionary<string, object>)Json.Parse(text);
                object error;
                if (answer.TryGetValue("error", out error))
                {
                    throw new Failure(command + ": " + error);
                }

                return answer["answer"];
            }
        }

        /// <summary>Notes the moment, with what the binding counts.</summary>
        public void Mark(string moment)
        {
            Ask("mark", "moment", moment, "line", LiveHandles.Line());
        }

        public void WaitFor(string who, string fact, int least)
        {
            Ask("wait", "who", who, "fact", fact, "least", least);
        }

        public void WaitUntil(string who, string fact, int exactly)
        {
            Ask("wait", "who", who, "fact", fact, "exactly", exactly);
        }

        public List<object> Seen(string who, string fact)
        {
            return (List<object>)((Dictionary<string, object>)Ask("facts", "who", who))[fact];
        }

        /// <summary>A client joins the scenario's room with both its tracks.</summary>
        public void JoinAndPublish(string who)
        {
            Ask("join", "who", who);
            Ask("publish", "who", who, "kind", "audio");
            Ask("publish", "who", who, "kind", "video");
        }
    }
}
