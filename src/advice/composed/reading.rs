//! What is asked of a case once for all that is written of it.

use crate::advice::slots::{Remembered, Slots};
use crate::advice::{facts, platform};
use crate::diagnosis::Case;
use crate::evidence::Os;
use crate::target::Platform;

/// A case and what was asked of it.
pub(super) struct Reading<'a> {
    pub(super) case: &'a Case<'a>,
    /// The values that fill its holes.
    pub(super) slots: Remembered<'a>,
    /// Of the server.
    pub(super) platform: Platform,
    /// Whether clients can be given a port.
    pub(super) port_is_known: bool,
}

impl<'a> Reading<'a> {
    pub(super) fn of(case: &'a Case<'a>) -> Self {
        Self {
            case,
            slots: Remembered::new(Slots(Some(case))),
            platform: platform::platform(case).platform,
            port_is_known: facts::port_to_give(case).is_some(),
        }
    }

    /// Of this machine.
    pub(super) fn os(&self) -> Os {
        self.case.surroundings.vantage.os
    }
}
