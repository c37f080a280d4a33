//! What is known from before, held against what is seen now.

use super::Sight;
use crate::diagnosis::{Good, Said};
use crate::target::Host;

impl<'a> Sight<'a> {
    /// It answered at this very address and port.
    pub(in crate::diagnosis) fn good_here(&self) -> Option<&'a Good> {
        let good = self.case.past.last_good.as_ref()?;
        (Some(good.address) == self.address && good.port == self.port).then_some(good)
    }

    /// It answered on another port than the one that was tried.
    pub(in crate::diagnosis) fn good_on_other_port(&self) -> Option<&'a Good> {
        self.case
            .past
            .last_good
            .as_ref()
            .filter(|good| good.port != self.port)
    }

    /// The name leads elsewhere than when it last answered. A change that it survived
    /// is none: only one after the last good answer counts.
    pub(in crate::diagnosis) fn moved(&self) -> Option<Said> {
        if matches!(self.case.target.host, Host::Address(_)) {
            return None;
        }
        let past = self.case.past;
        let good = past.last_good.as_ref();
        if let Some((when, from)) = &past.moved_from
            && good.is_none_or(|good| good.at <= *when)
            && let Some(from) = from.first().copied()
        {
            return Some(Said::AddressesChanged { from, when: *when });
        }
        let good = good?;
        let addresses = &self.case.evidence.layers.resolve.addresses;
        (!addresses.is_empty() && !addresses.contains(&good.address)).then_some(
            Said::AnsweredAtAddress {
                address: good.address,
                when: good.at,
            },
        )
    }
}
