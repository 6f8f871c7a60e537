//! Faults of sockets and tasks, and what the library tells of them: check list, health, repair, marks in the log.

use crate::{ask, lab::*, room_event};

/// A fault, what it keeps, and the step of the check list that says so.
struct Leak {
    fault: &'static str,
    faults: Faults,
    socket: &'static str,
    task: Option<&'static str>,
    held_by: &'static str,
    step: (&'static str, CloseOutcome),
}

fn leaks() -> [Leak; 5] {
    let leak =
        |fault, faults, socket, task, held_by, step| Leak { fault, faults, socket, task, held_by, step };
    let none = Faults::default;
    let skipped = |name| (name, CloseOutcome::CloseSkipped);
    [
        leak(
            "socket_candidate_cycle",
            Faults { socket_candidate_cycle: Some(true), ..none() },
            "media",
            None,
            "candidate_cycle",
            skipped("candidates"),
        ),
        leak(
            "socket_checklist_kept",
            Faults { socket_checklist_kept: Some(true), ..none() },
            "media",
            None,
            "checklist",
            skipped("checklist"),
        ),
        leak(
            "socket_selected_pair_kept",
            Faults { socket_selected_pair_kept: Some(true), ..none() },
            "media",
            None,
            "selected_pair",
            skipped("selected_pair"),
        ),
        leak(
            "socket_mdns_query_kept",
            Faults { socket_mdns_query_kept: Some(true), ..none() },
            "mdns",
            Some("mdns_query"),
            "mdns_query",
            skipped("mdns_query"),
        ),
        leak(
            "socket_dtls_task_stuck",
            Faults { socket_dtls_task_stuck: Some(true), ..none() },
            "dtls",
            Some("dtls"),
            "dtls",
            ("dtls", CloseOutcome::CloseUnfinished),
        ),
    ]
}

fn health() -> ControlHealthResponse {
    ask!(ControlHealth ControlHealthRequest { room_name: None })
}

fn repair() -> (u32, u32) {
    let answer = ask!(ControlRepair ControlRepairRequest {});
    (answer.sockets, answer.tasks)
}

fn last_report(room_name: &str) -> CloseReport {
    let room_name = Some(room_name.to_owned());
    let reports = ask!(ControlCloseReport ControlCloseReportRequest { room_name }).reports;
    reports.last().expect("the room was closed").clone()
}

fn steps(report: &CloseReport) -> Vec<(&str, CloseOutcome)> {
    report.steps.iter().map(|step| (step.name.as_str(), step.outcome())).collect()
}

/// Connects and closes with faults; all handles go back.
fn cycle(room_name: &str, faults: Faults) {
    set_faults(Some(room_name), faults);
    let room = connect(room_name, "me");
    disconnect(&room);
    room.drop_all();
    assert_eq!(diagnostics().handles.total, 0);
}

fn all_tasks() -> Vec<(String, u32)> {
    let tasks = diagnostics().tasks.into_iter().map(|task| (task.name, task.count));
    tasks.filter(|(name, _)| name != "logs").collect()
}

/// Waits until nothing is left but for the task that sends log records.
fn poll_nothing_left() {
    poll("the end of sockets, tasks and objects", || {
        (diagnostics().sockets.is_empty() && all_tasks().is_empty() && health().held.is_empty()).then_some(())
    });
}

/// Whether an address is taken, by the system's own account.
fn is_bound(address: &str) -> bool {
    std::net::UdpSocket::bind(address).is_err()
}

#[test]
fn each_socket_fault_keeps_one_socket_per_session() {
    let _lab = Lab::new();
    for leak in leaks() {
        for count in 1..=3 {
            cycle("room", leak.faults);
            let expected: Vec<_> = leak.task.map(|name| (name.to_owned(), count)).into_iter().collect();
            poll(leak.fault, || (all_tasks() == expected).then_some(()));
            let sockets = diagnostics().sockets;
            assert_eq!(sockets.len() as u32, count, "{}: {sockets:?}", leak.fault);
            assert!(sockets.iter().all(|socket| socket.name == leak.socket), "{}: {sockets:?}", leak.fault);
            assert!(sockets.iter().all(|socket| is_bound(&socket.local_address)));
            assert!(steps(&last_report("room")).contains(&leak.step), "{}", last_report("room").text);
        }
        // Dispose ends none of it.
        dispose();
        initialize(false);
        let sockets = diagnostics().sockets;
        let now = health();
        assert!(!now.healthy);
        let named: Vec<_> = now.unfinished.iter().filter(|left| left.kind == "socket").collect();
        for (socket, named) in sockets.iter().zip(&named) {
            assert_eq!(named.local_address.as_ref(), Some(&socket.local_address));
            assert_eq!((named.name.as_str(), named.held_by.as_str()), (leak.socket, leak.held_by));
        }
        let tasks: Vec<_> = now.unfinished.iter().filter(|left| left.kind == "task").collect();
        assert!(tasks
            .iter()
            .all(|left| Some(left.name.as_str()) == leak.task && left.held_by == leak.held_by));
        let kept = if leak.task.is_some() { 3 } else { 0 };
        assert_eq!((named.len(), tasks.len()), (3, kept), "{}: {:?}", leak.fault, now.unfinished);

        assert_eq!(repair(), (3, kept as u32), "{}", leak.fault);
        poll_nothing_left();
        assert_eq!(repair(), (0, 0));
    }
}

#[test]
fn a_socket_that_several_hold_is_counted_once() {
    let _lab = Lab::new();
    let on = Some(true);
    cycle(
        "room",
        Faults {
            socket_candidate_cycle: on,
            socket_checklist_kept: on,
            socket_selected_pair_kept: on,
            ..Faults::default()
        },
    );
    let held_by: Vec<_> = health().unfinished.into_iter().map(|left| left.held_by).collect();
    assert_eq!(held_by, ["candidate_cycle", "checklist", "selected_pair"]);
    assert_eq!(repair(), (1, 0));
    poll_nothing_left();
}

#[test]
fn repair_leaves_a_room_alone_that_is_open() {
    let _lab = Lab::new();
    let room = connect("room", "me");
    assert_eq!(repair(), (0, 0));
    assert_eq!(diagnostics().sockets.len(), 4);
    assert!(health().healthy);
    disconnect(&room);
    room.drop_all();
    poll_nothing_left();
}

#[test]
fn without_a_fault_every_step_is_done_and_nothing_is_held() {
    let _lab = Lab::new();
    for number in 0..50 {
        let room = connect("room", "me");
        disconnect(&room);
        // Nothing has to be waited for but the objects that the handles hold.
        assert_eq!(diagnostics().sockets.len(), 0, "cycle {number}");
        assert!(health().healthy);
        room.drop_all();
        poll_nothing_left();
        let report = last_report("room");
        let names = [
            "track_handles",
            "room",
            "writers",
            "gathering",
            "keepalive",
            "dtls",
            "mdns_query",
            "candidates",
            "checklist",
            "selected_pair",
            "connection",
            "sockets",
        ];
        assert_eq!(steps(&report), names.map(|name| (name, CloseOutcome::CloseDone)), "{}", report.text);
    }
}

#[test]
fn the_check_list_says_who_left_and_what_was_left_out() {
    let _lab = Lab::new();
    let slow = Faults { close_takes_ms: Some(20), socket_checklist_kept: Some(true), ..Faults::default() };
    set_faults(Some("room"), slow);
    disconnect(&connect("room", "me"));
    let report = last_report("room");
    assert_eq!((report.room_name.as_str(), report.client.as_str()), ("room", "me"));
    let late = report.steps.iter().find(|step| step.name == "late_events").expect("the close took its time");
    assert!(late.duration_us >= 20_000, "a step takes the time that it was told to: {}", report.text);
    let text: Vec<_> = report.text.lines().collect();
    assert_eq!((text[0], text.len()), ("me leaves the room room", report.steps.len() + 1));
    let line = |name: &str| text.iter().find(|line| line.contains(name)).copied().unwrap_or_default();
    assert!(line("checklist").starts_with("skipped") && line("checklist").ends_with("1 kept"), "{text:?}");
    let address = &diagnostics().sockets[0].local_address;
    assert!(line("sockets").ends_with(&format!("open: media {address}")), "{text:?}");
    assert!(line("connection").starts_with("unfinished"), "{text:?}");

    // A room that the server ends keeps the client's handles.
    let room = connect("other", "me");
    ask!(ControlEndRoom ControlEndRoomRequest { room_name: "other".to_owned(), reason: None });
    poll("the end of the session", || (diagnostics().sessions == 0).then_some(()));
    room_event!(room.id, Eos);
    assert_eq!(steps(&last_report("other"))[0], ("track_handles", CloseOutcome::CloseSkipped));
    assert!(ask!(ControlCloseReport ControlCloseReportRequest { room_name: None }).reports.len() >= 2);
}

#[test]
fn the_strong_counts_say_what_holds_what() {
    let _lab = Lab::new();
    let counts = || -> Vec<(String, u32)> {
        let room_name = Some("room".to_owned());
        let held = ask!(ControlHealth ControlHealthRequest { room_name }).held;
        held.into_iter().map(|held| (held.kind, held.strong_count)).collect()
    };
    let of = |kind: &str| counts().into_iter().find(|(other, _)| other == kind).map_or(0, |(_, count)| count);
    set_faults(Some("room"), Faults { socket_selected_pair_kept: Some(true), ..Faults::default() });
    let room = connect("room", "me");
    connect("elsewhere", "me");
    // Held by the session, four tasks and the candidate; by the list, the pair and a task; by list and selection.
    poll("the counts", || {
        ((of("connection"), of("candidate"), of("pair")) == (6, 3, 2) && of("session") > 1).then_some(())
    });
    disconnect(&room);
    poll("the counts after the close", || {
        ((of("connection"), of("candidate"), of("pair")) == (1, 1, 1)).then_some(())
    });
    room.drop_all();
    poll("the end of the session", || (of("session") == 0).then_some(()));
    assert_eq!(of("candidate"), 1);
}

#[test]
fn what_is_really_dropped_leaves_a_mark_in_the_log() {
    let _lab = Lab::new();
    let marks = || -> Vec<String> {
        let records = events(|received| match &received.event {
            Event::Logs(batch) => Some(batch.records.clone()),
            _ => None,
        });
        let marks = records.into_iter().flatten().filter(|record| record.target == "drop");
        marks
            .map(|record| record.message.split(" of the room ").next().unwrap_or_default().to_owned())
            .collect()
    };
    let marked = |what: &str| marks().iter().filter(|mark| mark.starts_with(what)).count();
    let ends = [
        ("task", 4),
        ("task mdns_query", 1),
        ("socket", 4),
        ("socket media 127.0.0.1:", 1),
        ("candidate media", 1),
        ("pair", 1),
        ("connection me", 1),
        ("session me", 1),
    ];
    initialize(true);
    cycle("room", Faults::default());
    for (what, count) in ends {
        poll(what, || (marked(what) == count).then_some(()));
    }

    // What a fault keeps has no mark, until it is repaired.
    cycle("room", Faults { socket_candidate_cycle: Some(true), ..Faults::default() });
    poll("the second session", || (marked("session me") == 2).then_some(()));
    ask!(ControlEmitLog ControlEmitLogRequest { message: "now".to_owned() });
    take("the last record", |event| match event {
        Event::Logs(batch) => batch.records.iter().find(|record| record.message == "now").cloned(),
        _ => None,
    });
    for (what, count) in
        [("socket", 7), ("socket media", 1), ("candidate", 1), ("connection", 1), ("task", 8)]
    {
        assert_eq!(marked(what), count, "{what}");
    }
    assert_eq!(repair(), (1, 0));
    for (what, count) in [("socket media", 2), ("candidate", 2), ("connection", 2)] {
        poll(what, || (marked(what) == count).then_some(()));
    }
    let warned = take("the warning", |event| match event {
        Event::Logs(batch) => batch.records.iter().find(|record| record.target == "close").cloned(),
        _ => None,
    });
    assert!(warned.message.contains("unfinished connection"), "{}", warned.message);
}
