// The program that protobuf's conformance test runner talks to, over the generated messages.
using System;
using System.Collections.Generic;
using System.IO;
using Wire.Test.Messages;

namespace Wire.Test
{
    public static class Conformance
    {
        private delegate WireMessage Parser(byte[] data);

        private static readonly Dictionary<string, Parser> Parsers = new Dictionary<string, Parser>
        {
            { "protobuf_test_messages.proto2.TestAllTypesProto2", data => Proto2TestAllTypesProto2.Parse(data) },
            { "protobuf_test_messages.proto3.TestAllTypesProto3", data => Proto3TestAllTypesProto3.Parse(data) },
            { "protobuf_test_messages.editions.proto2.TestAllTypesProto2", data => EditionsProto2TestAllTypesProto2.Parse(data) },
            { "protobuf_test_messages.editions.proto3.TestAllTypesProto3", data => EditionsProto3TestAllTypesProto3.Parse(data) },
            { "protobuf_test_messages.editions.TestAllTypesEdition2023", data => TestAllTypesEdition2023.Parse(data) },
        };

        public static int Main()
        {
            using (var input = new BinaryReader(Console.OpenStandardInput()))
            using (var output = new BinaryWriter(Console.OpenStandardOutput()))
            {
                while (true)
                {
                    byte[] size = input.ReadBytes(4);
                    if (size.Length < 4) return 0;
                    byte[] request = input.ReadBytes(BitConverter.ToInt32(size, 0));
                    byte[] response = Answer(ConformanceRequest.Parse(request)).ToByteArray();
                    output.Write(response.Length);
                    output.Write(response);
                    output.Flush();
                }
            }
        }

        private static ConformanceResponse Answer(ConformanceRequest request)
        {
            if (request.MessageType == "conformance.FailureSet")
            {
                return new ConformanceResponse { ProtobufPayload = new FailureSet().ToByteArray() };
            }
            if (request.ProtobufPayload == null || request.RequestedOutputFormat != WireFormat.Protobuf)
            {
                return new ConformanceResponse { Skipped = "Only the binary format is generated." };
            }
            Parser parse;
            if (!Parsers.TryGetValue(request.MessageType, out parse))
            {
                return new ConformanceResponse { RuntimeError = "There is no message " + request.MessageType + "." };
            }
            WireMessage message;
            try
            {
                message = parse(request.ProtobufPayload);
            }
            catch (WireFormatException error)
            {
                return new ConformanceResponse { ParseError = error.Message };
            }
            try
            {
                return new ConformanceResponse { ProtobufPayload = message.ToByteArray() };
            }
            catch (InvalidOperationException error)
            {
                return new ConformanceResponse { SerializeError = error.Message };
            }
        }
    }
}
