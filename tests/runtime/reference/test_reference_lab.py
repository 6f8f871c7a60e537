"""Scenarios that share a process are told apart: one that fails or ends it is named, and the rest is run."""

from __future__ import annotations

from pathlib import Path

import reference_lab
from gen_bindings.runtime.compile import compile_library
from gen_bindings.runtime.lanes import Lane

SOURCE = """
using System;
using System.Threading;
using System.Runtime.InteropServices;

namespace Scenarios
{
    public static class Told
    {
        private static int _fine;

        [DllImport("libc")]
        private static extern void abort();

        public static string Fine(string arguments)
        {
            _fine++;
            return "null";
        }

        public static string Throws(string arguments)
        {
            throw new InvalidOperationException("thrown after " + _fine);
        }

        public static string Ends(string arguments)
        {
            abort();
            return "null";
        }

        public static string Stays(string arguments)
        {
            Thread stays = new Thread(delegate() { Thread.Sleep(Timeout.Infinite); });
            stays.Name = "stays";
            stays.IsBackground = true;
            stays.Start();
            return "null";
        }

        public static string Anew(string arguments)
        {
            int before = _fine;
            _fine = -1;
            return before <= 0 ? "null" : throw new InvalidOperationException("not in a process of its own");
        }
    }
}
"""


def test_the_scenario_that_fails_or_ends_the_process_is_told_and_the_rest_is_run(tmp_path: Path) -> None:
    source = tmp_path / "Told.cs"
    source.write_text(SOURCE)
    assembly = compile_library([source], tmp_path / "Told.dll", Lane.MONO)

    entries = ["Told.Fine", "Told.Throws", "Told.Anew", "Told.Ends", "Told.Stays", "Told.Missing"]
    found = reference_lab.run_each_twice(entries, Lane.MONO, assembly)

    assert list(found) == entries
    assert found["Told.Fine"] == found["Told.Anew"] == ""
    assert found["Told.Throws"].startswith("System.InvalidOperationException: thrown after 2")
    assert "SIGABRT" in found["Told.Ends"]
    assert "'stays': 1 more" in found["Told.Stays"]
    assert "AttributeError" in found["Told.Missing"]


def test_a_process_that_does_not_start_fails_each_scenario(tmp_path: Path) -> None:
    nothing = tmp_path / "Nothing.dll"
    nothing.write_bytes(b"no assembly")
    found = reference_lab.run_each_twice(["A.B", "A.C"], Lane.MONO, nothing)
    assert list(found) == ["A.B", "A.C"]
    assert all("Nothing.dll" in error for error in found.values()), found
