// One breach of each rule of ahead-of-time compilation, and one callback that keeps them all.
using System;
using System.Reflection;
using System.Runtime.InteropServices;
using AOT;

namespace Broken
{
    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    public delegate void Callback(int value);

    public delegate void ByParameter(int value);

    public delegate void ByPointer(int value);

    public static class Native
    {
        [DllImport("nothing")]
        public static extern void Register(ByParameter callback);
    }

    public class Registrations
    {
        private static readonly Callback Good = OnGood;
        private static readonly Callback Bare = OnBare;
        private static readonly Callback Misnamed = OnMisnamed;
        private static readonly ByPointer Pointer = OnPointer;

        public void RegisterAll()
        {
            Callback own = OnInstance;
            own(Count<int>());
            Native.Register(delegate(int value) { Console.WriteLine(value); });
            Console.WriteLine(Marshal.GetFunctionPointerForDelegate(Pointer));
            Good(0);
            Bare(0);
            Misnamed(0);
        }

        public object ByName()
        {
            return typeof(Registrations).GetMethod("OnBare", BindingFlags.Static | BindingFlags.NonPublic).Invoke(null, new object[] { 1 });
        }

        [MonoPInvokeCallback(typeof(Callback))]
        private static void OnGood(int value)
        {
        }

        private static void OnBare(int value)
        {
        }

        [MonoPInvokeCallback(typeof(ByPointer))]
        private static void OnMisnamed(int value)
        {
        }

        private static void OnPointer(int value)
        {
        }

        [MonoPInvokeCallback(typeof(Callback))]
        private void OnInstance(int value)
        {
        }

        private static int Count<T>()
        {
            Callback callback = OnGeneric<T>;
            callback(1);
            return 1;
        }

        [MonoPInvokeCallback(typeof(Callback))]
        private static void OnGeneric<T>(int value)
        {
        }
    }

    public static class Holder<T>
    {
        [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
        public delegate void Nested(int value);
    }
}
