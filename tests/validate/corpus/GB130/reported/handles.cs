using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;
using System.Threading;
using System.Threading.Tasks;
using LiveKit.Proto;

internal static class Native
{
    internal static void Broken()
    {
        var x = ;;( 1 +
    }

    internal static void Good()
    {
    }
}
