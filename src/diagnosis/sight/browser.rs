//! What Browser said, in the probe and in the looks.

use std::net::IpAddr;
use std::time::Duration;

use super::Sight;
use crate::diagnosis::Said;
use crate::evidence::{Advertised, Browser, BrowserStatus};

impl<'a> Sight<'a> {
    pub(super) fn browser_gave_no_port(&self) -> bool {
        let browser = &self.case.evidence.layers.browser;
        self.case.target.needs_browser()
            && browser.port.is_none()
            && !matches!(browser.status, BrowserStatus::Skipped | BrowserStatus::Ok)
    }

    /// Drivers send one datagram and wait a second for its answer.
    pub(in crate::diagnosis) fn browser_late(&self) -> Option<Said> {
        let browser = self.used_browser()?;
        let tries = u32::from(browser.tries.unwrap_or(1));
        match browser.elapsed {
            Some(took) if took.duration() > Duration::from_secs(1) => {
                Some(Said::BrowserLate { took })
            }
            _ if tries > 1 => Some(Said::BrowserAnsweredTry { tries }),
            _ => None,
        }
    }

    /// Browser answered from another address or port than was asked.
    pub(in crate::diagnosis) fn browser_from_elsewhere(&self) -> Option<Said> {
        let browser = self.used_browser()?;
        let (asked, from) = (browser.asked?, browser.answered_from?);
        (asked != from).then_some(Said::BrowserFromElsewhere { from })
    }

    fn used_browser(&self) -> Option<&'a Browser> {
        let browser = &self.case.evidence.layers.browser;
        (self.case.target.needs_browser() && browser.status == BrowserStatus::Ok).then_some(browser)
    }

    /// Browser, or something in its place, answered, from whatever address.
    pub(in crate::diagnosis) fn browser_spoke(&self) -> bool {
        let browser = &self.case.evidence.layers.browser;
        !matches!(
            browser.status,
            BrowserStatus::Skipped | BrowserStatus::Silent
        )
    }

    /// Browser itself answered, in a form that can be read: SQL Server for Windows is there.
    pub(in crate::diagnosis) fn browser_answered(&self) -> bool {
        self.browsers().any(|browser| {
            matches!(
                browser.status,
                BrowserStatus::Ok | BrowserStatus::NotListed | BrowserStatus::NoTcp
            )
        })
    }

    /// Browser's entry for the wanted instance.
    pub(in crate::diagnosis) fn advertised(&self) -> Option<&'a Advertised> {
        let wanted = self.case.target.instance.as_ref()?;
        self.browsers()
            .flat_map(|browser| &browser.instances)
            .find(|entry| wanted.matches(entry.instance.raw()))
    }

    /// All that was heard of Browser: the layer, then the witnesses.
    pub(in crate::diagnosis) fn browsers(&self) -> impl Iterator<Item = &'a Browser> {
        self.case.browsers()
    }

    pub(super) fn browser_shows_life(browser: &Browser, address: IpAddr) -> Option<Said> {
        if browser.asked?.ip() != address {
            return None;
        }
        match browser.status {
            BrowserStatus::Skipped | BrowserStatus::Silent => None,
            BrowserStatus::Refused => browser
                .icmp
                .is_none_or(|icmp| icmp.from == address)
                .then_some(Said::BrowserPortAnswers { address }),
            _ => browser
                .answered_from
                .is_none_or(|from| from.ip() == address)
                .then_some(Said::BrowserAnswersThere { address }),
        }
    }
}
