// Textures and sound.
using System;

namespace UnityEngine
{
    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/TextureFormat.html
    public enum TextureFormat
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/TextureFormat.RGBA32.html
        RGBA32 = 4,
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Texture.html
    public class Texture : Object
    {
        internal int Width { get; set; }

        internal int Height { get; set; }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Texture-width.html
        public virtual int width
        {
            get { return Width; }
            set { throw new InvalidOperationException("A texture that is not a render texture keeps its size."); }
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Texture-height.html
        public virtual int height
        {
            get { return Height; }
            set { throw new InvalidOperationException("A texture that is not a render texture keeps its size."); }
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Texture2D.html
    public sealed class Texture2D : Texture
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Texture2D-ctor.html
        public Texture2D(int width, int height, TextureFormat textureFormat, bool mipChain)
        {
            Engine.Player.OnMainThread("new Texture2D");
            Width = width;
            Height = height;
            Pixels = new byte[width * height * 4];
            Engine.Media.Made(this);
        }

        internal byte[] Pixels { get; private set; }

        internal int Applied { get; private set; }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Texture2D.LoadRawTextureData.html
        public void LoadRawTextureData(byte[] data)
        {
            Engine.Player.OnMainThread("Texture2D.LoadRawTextureData");
            if (data.Length < Pixels.Length)
            {
                throw new ArgumentException("There is less data than the texture holds.");
            }

            Array.Copy(data, Pixels, Pixels.Length);
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/Texture2D.Apply.html
        public void Apply(bool updateMipmaps = true, bool makeNoLongerReadable = false)
        {
            Engine.Player.OnMainThread("Texture2D.Apply");
            Applied++;
        }
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/AudioSettings.html
    public sealed class AudioSettings
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/AudioSettings-outputSampleRate.html
        public static int outputSampleRate { get; set; } = Engine.Media.SampleRate;
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/AudioListener.html
    public sealed class AudioListener : Behaviour
    {
    }

    // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/AudioSource.html
    public sealed class AudioSource : Behaviour
    {
        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/AudioSource-isPlaying.html
        public bool isPlaying { get; private set; }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/AudioSource-volume.html
        public float volume { get; set; } = 1f;

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/AudioSource-spatialBlend.html
        public float spatialBlend { get; set; }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/AudioSource.Play.html
        public void Play()
        {
            isPlaying = true;
        }

        // https://docs.unity3d.com/2022.3/Documentation/ScriptReference/AudioSource.Stop.html
        public void Stop()
        {
            isPlaying = false;
        }
    }
}
