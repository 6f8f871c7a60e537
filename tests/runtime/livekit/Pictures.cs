// Pictures for the video scenarios: grey ones, which every format can express exactly, and ones with a pattern.
using System;
using LiveKit.Ffi;
using LiveKit.Ffi.Messages;

namespace LiveKitLab
{
    /// <summary>
    /// Makes pictures and says what they look like in another format. A grey of 128 in RGB is a luma of 126
    /// between two chromas of 128, in both directions, so that it survives every conversion.
    /// </summary>
    internal static class Pictures
    {
        internal const int Width = 16;
        internal const int Height = 8;
        private const byte Grey = 128;
        private const byte Luma = 126;
        private const byte Opaque = 255;

        internal static int PixelSize(VideoBufferType type)
        {
            switch (type)
            {
                case VideoBufferType.Rgb24:
                    return 3;
                case VideoBufferType.Rgba:
                case VideoBufferType.Abgr:
                case VideoBufferType.Argb:
                case VideoBufferType.Bgra:
                    return 4;
                default:
                    return 0;
            }
        }

        /// <summary>A picture of the format in one grey.</summary>
        internal static VideoBufferInput InGrey(VideoBufferType type)
        {
            int pixel = PixelSize(type);
            if (pixel > 0)
            {
                return Packed(type, GreyPixels(type));
            }

            var picture = new VideoBufferInput { Type = type, Width = Width, Height = Height };
            byte[][] planes = GreyPlanes(type);
            for (int i = 0; i < planes.Length; i++)
            {
                // A conversion counts the stride of 10-bit planes in samples.
                int bytes = type == VideoBufferType.I010 ? 2 : 1;
                picture.Components.Add(new ComponentInput { Data = planes[i], Stride = (uint)(planes[i].Length / Rows(type, i) / bytes) });
            }

            return picture;
        }

        internal static VideoBufferInput Packed(VideoBufferType type, byte[] pixels)
        {
            return new VideoBufferInput
            {
                Type = type,
                Width = Width,
                Height = Height,
                Stride = (uint)(Width * PixelSize(type)),
                Data = pixels,
            };
        }

        internal static VideoBufferInput Planar(VideoBufferType type, params byte[][] planes)
        {
            var picture = new VideoBufferInput { Type = type, Width = Width, Height = Height };
            for (int i = 0; i < planes.Length; i++)
            {
                picture.Components.Add(new ComponentInput { Data = planes[i], Stride = (uint)(planes[i].Length / Rows(type, i)) });
            }

            return picture;
        }

        internal static byte[] GreyPixels(VideoBufferType type)
        {
            byte[] pixels = Filled(Width * Height * PixelSize(type), Grey);
            int alpha = type == VideoBufferType.Argb || type == VideoBufferType.Abgr ? 0 : 3;
            for (int i = alpha; PixelSize(type) == 4 && i < pixels.Length; i += 4)
            {
                pixels[i] = Opaque;
            }

            return pixels;
        }

        internal static byte[][] GreyPlanes(VideoBufferType type)
        {
            const int Full = Width * Height;
            switch (type)
            {
                case VideoBufferType.I420:
                    return new[] { Filled(Full, Luma), Filled(Full / 4, Grey), Filled(Full / 4, Grey) };
                case VideoBufferType.I420a:
                    return new[] { Filled(Full, Luma), Filled(Full / 4, Grey), Filled(Full / 4, Grey), Filled(Full, Opaque) };
                case VideoBufferType.I422:
                    return new[] { Filled(Full, Luma), Filled(Full / 2, Grey), Filled(Full / 2, Grey) };
                case VideoBufferType.I444:
                    return new[] { Filled(Full, Luma), Filled(Full, Grey), Filled(Full, Grey) };
                case VideoBufferType.I010:
                    return new[] { TenBits(Full, Luma), TenBits(Full / 4, Grey), TenBits(Full / 4, Grey) };
                case VideoBufferType.Nv12:
                    return new[] { Filled(Full, Luma), Filled(Full / 2, Grey) };
                default:
                    throw new ArgumentOutOfRangeException("type");
            }
        }

        internal static byte[] Pattern(int length, int seed)
        {
            var data = new byte[length];
            for (int i = 0; i < length; i++)
            {
                data[i] = (byte)(i * 7 + seed);
            }

            return data;
        }

        internal static int Rows(VideoBufferType type, int plane)
        {
            bool halved = type != VideoBufferType.I422 && type != VideoBufferType.I444 && (plane == 1 || plane == 2);
            return halved ? Height / 2 : Height;
        }

        private static byte[] Filled(int length, byte value)
        {
            var data = new byte[length];
            for (int i = 0; i < length; i++)
            {
                data[i] = value;
            }

            return data;
        }

        private static byte[] TenBits(int samples, byte value)
        {
            var data = new byte[samples * 2];
            for (int i = 0; i < samples; i++)
            {
                data[2 * i] = (byte)(value << 2);
                data[2 * i + 1] = (byte)(value >> 6);
            }

            return data;
        }
    }
}
