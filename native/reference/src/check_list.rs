//! The check list that closing a room walks, and the last of those that were walked.

use std::{collections::VecDeque, fmt::Write, sync::LazyLock, time::Instant};

use parking_lot::Mutex;

use crate::{
    log,
    proto::{CloseOutcome, CloseReport, CloseStep, LogLevel},
};

const REPORTS_KEPT: usize = 64;

static REPORTS: LazyLock<Mutex<VecDeque<CloseReport>>> = LazyLock::new(Mutex::default);

/// The last reports of a room, or of all, oldest first.
pub fn reports(room_name: Option<&str>) -> Vec<CloseReport> {
    let reports = REPORTS.lock();
    reports.iter().filter(|report| room_name.is_none_or(|name| report.room_name == name)).cloned().collect()
}

/// What was done of closing a room, step by step.
pub struct CheckList {
    room_name: String,
    client: String,
    steps: Vec<CloseStep>,
    began: Instant,
}

impl CheckList {
    pub fn new(room_name: &str, client: &str) -> Self {
        Self {
            room_name: room_name.to_owned(),
            client: client.to_owned(),
            steps: Vec::new(),
            began: Instant::now(),
        }
    }

    /// Notes a step. It took the time since the one before.
    pub fn note(&mut self, name: &str, outcome: CloseOutcome, detail: String) {
        let now = Instant::now();
        let duration_us = (now - self.began).as_micros() as u64;
        self.began = now;
        self.steps.push(CloseStep { name: name.to_owned(), outcome: outcome.into(), duration_us, detail });
    }

    pub fn done(&mut self, name: &str, detail: String) {
        self.note(name, CloseOutcome::CloseDone, detail);
    }

    pub fn skipped(&mut self, name: &str, detail: String) {
        self.note(name, CloseOutcome::CloseSkipped, detail);
    }

    pub fn unfinished(&mut self, name: &str, detail: String) {
        self.note(name, CloseOutcome::CloseUnfinished, detail);
    }

    /// Keeps the list as a report.
    pub fn keep(self) {
        let text = self.text();
        if self.steps.iter().any(|step| step.outcome() == CloseOutcome::CloseUnfinished) {
            log::record(LogLevel::LogWarn, "close", text.clone());
        }
        let Self { room_name, client, steps, .. } = self;
        let mut reports = REPORTS.lock();
        if reports.len() == REPORTS_KEPT {
            reports.pop_front();
        }
        reports.push_back(CloseReport { room_name, client, steps, text });
    }

    fn text(&self) -> String {
        let mut text = format!("{} leaves the room {}", self.client, self.room_name);
        for step in &self.steps {
            let outcome = match step.outcome() {
                CloseOutcome::CloseDone => "done",
                CloseOutcome::CloseSkipped => "skipped",
                CloseOutcome::CloseUnfinished => "unfinished",
            };
            write!(text, "\n{outcome:<10} {:<13} {:>8} us  {}", step.name, step.duration_us, step.detail)
                .expect("a string takes all text");
        }
        text
    }
}
