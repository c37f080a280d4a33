//! The layer `browser`: a named instance, and no port for it (V4 to V7).
//!
//! Browser's only negative answer is silence (\[MC-SQLR\] 3.2.5), so silence alone does not
//! tell a stopped Browser from a filtered one or from a name that it does not know.

use super::Rule;
use crate::diagnosis::heard::{self, Heard};
use crate::diagnosis::sight::Sight;
use crate::diagnosis::weigh::{CERTAIN, EVEN, FAINT, FAIR, LIKELY, NO_MORE, STRONG, Scales, WEAK};
use crate::diagnosis::{CauseId, Said};
use crate::evidence::{Browser, BrowserForm, BrowserStatus, Look};
use crate::target::Platform;

pub(super) const RULES: &[Rule] = &[
    port_is_closed,
    told_off,
    last_port_tells,
    never_sent,
    silent_while_host_answers,
    silent_and_nothing_known,
    host_is_silent,
    unknown_name_is_silence,
    list_tells_more,
    no_browser_on_linux,
    unreadable,
    not_listed,
    without_tcp,
];

fn browser<'a>(sight: &Sight<'a>) -> &'a Browser {
    &sight.case.evidence.layers.browser
}

fn is_silent(sight: &Sight<'_>) -> bool {
    let browser = browser(sight);
    browser.status == BrowserStatus::Silent && browser.icmp.is_none() && unsent(browser).is_none()
}

/// Why this machine itself did not send the datagram, if it did not.
fn unsent(browser: &Browser) -> Option<Heard> {
    heard::of_sending(browser.os_error).filter(|_| browser.icmp.is_none())
}

/// What came in place of an answer. Beside one it is of another datagram, and the answer
/// outweighs it.
fn icmp(sight: &Sight<'_>) -> Option<Heard> {
    let browser = browser(sight);
    let unanswered = matches!(
        browser.status,
        BrowserStatus::Silent | BrowserStatus::Refused
    );
    let asked = browser.asked.map(|asked| asked.ip());
    browser
        .icmp
        .filter(|_| unanswered)
        .map(|icmp| heard::of_datagram(&icmp, asked, &sight.case.surroundings.vantage))
}

/// Port-unreachable from the host itself: it is up, UDP gets there, and nobody listens.
fn port_is_closed(sight: &Sight<'_>, scales: &mut Scales) {
    let from_host = match icmp(sight) {
        Some(heard) => heard == Heard::Reset,
        // A connected socket learns that it was refused, and not by whom.
        None => browser(sight).status == BrowserStatus::Refused,
    };
    if let (true, Some(browser)) = (from_host, browser(sight).asked) {
        scales.raise(
            CauseId::BrowserStopped,
            CERTAIN,
            Said::BrowserPortClosed { browser },
        );
    } else if from_host {
        scales.raise(CauseId::BrowserStopped, STRONG, Said::NothingNarrowsIt {});
    }
}

/// Any other ICMP message: a device rejects, or there is no way to the host. The datagram
/// is the first that goes there: to a host that answers after it there is a way.
fn told_off(sight: &Sight<'_>, scales: &mut Scales) {
    let (Some(heard), Some(asked)) = (icmp(sight), browser(sight).asked) else {
        return;
    };
    let address = asked.ip();
    match heard {
        Heard::Rejected { by, .. } => {
            scales.raise(
                CauseId::BrowserFiltered,
                CERTAIN,
                Said::BrowserRejectedBy { by, browser: asked },
            );
        }
        Heard::ForbiddenHere => {
            scales.raise(
                CauseId::LocalFirewall,
                CERTAIN,
                Said::DatagramForbiddenHere {},
            );
        }
        Heard::NoNeighbour | Heard::HostUnreachable { .. } | Heard::NoRoute { .. }
            if let Some(alive) = sight.alive =>
        {
            scales.raise(CauseId::BrowserFiltered, STRONG, Said::NoWayTo { address });
            scales.raise(CauseId::BrowserFiltered, FAINT, alive);
        }
        Heard::NoNeighbour => {
            scales.raise(
                CauseId::HostDown,
                STRONG + FAIR,
                Said::NobodyHasAddress { address },
            );
        }
        Heard::HostUnreachable { by } => {
            scales.raise(
                CauseId::HostDown,
                STRONG + FAINT,
                Said::RouterFindsNoHost { by, address },
            );
        }
        Heard::NoRoute { by: Some(by) } => {
            scales.raise(
                CauseId::NoRoute,
                CERTAIN,
                heard::no_way_at(
                    by,
                    address,
                    sight.case.evidence.layers.browser.icmp.as_ref(),
                ),
            );
        }
        Heard::NoRoute { by: None } => {
            scales.raise(CauseId::NoRoute, CERTAIN, Said::NoRouteFromHere { address });
        }
        Heard::NoWay => scales.raise(CauseId::BrowserFiltered, EVEN, Said::NoWayTo { address }),
        _ => {}
    }
}

/// Without Browser the probe goes on to the port where it answered last. What stops that
/// connection stops the datagram too.
fn last_port_tells(sight: &Sight<'_>, scales: &mut Scales) {
    let (true, Some(endpoint)) = (is_silent(sight), sight.endpoint()) else {
        return;
    };
    let address = endpoint.ip();
    match sight.heard {
        Heard::NoNeighbour => scales.raise(
            CauseId::HostDown,
            STRONG + FAIR,
            Said::NobodyHasAddress { address },
        ),
        Heard::HostUnreachable { by } if sight.alive.is_none() => {
            scales.raise(
                CauseId::HostDown,
                STRONG + FAINT,
                Said::RouterFindsNoHost { by, address },
            );
        }
        Heard::NoRoute { .. } => scales.raise(CauseId::NoRoute, CERTAIN, Said::NoWayTo { address }),
        Heard::ForbiddenHere => scales.raise(
            CauseId::LocalFirewall,
            LIKELY,
            Said::ForbiddenHere { endpoint },
        ),
        Heard::Rejected { by, .. } => {
            scales.raise(
                CauseId::BrowserFiltered,
                LIKELY,
                Said::RejectedBy { by, endpoint },
            );
        }
        _ => {}
    }
}

/// The datagram did not leave this machine.
fn never_sent(sight: &Sight<'_>, scales: &mut Scales) {
    let (cause, said) = match unsent(browser(sight)) {
        Some(Heard::ForbiddenHere) => (CauseId::LocalFirewall, Said::DatagramForbiddenHere {}),
        Some(Heard::Exhausted) => (CauseId::LocalPortsExhausted, Said::LocalPortsUsedUp {}),
        _ => return,
    };
    scales.raise(cause, CERTAIN, said);
}

/// The host is there. A closed UDP port of a host that hides none brings ICMP, so silence
/// there is a filter; a Windows server with its firewall on hides it, and then a stopped
/// Browser and a filter look the same.
fn silent_while_host_answers(sight: &Sight<'_>, scales: &mut Scales) {
    let (true, Some(alive)) = (is_silent(sight), sight.alive) else {
        return;
    };
    // Asked in another way it answered: it runs, and nothing filters it.
    if sight.browser_answered() {
        return;
    }
    scales.raise(CauseId::BrowserFiltered, EVEN, alive);
    if matches!(sight.closed, Some((_, Heard::Reset))) {
        scales.raise(CauseId::BrowserFiltered, WEAK, Said::NoIcmpForClosedUdp {});
        scales.raise(CauseId::BrowserStopped, WEAK, Said::IcmpMayBeLost {});
    } else {
        scales.raise(CauseId::BrowserStopped, EVEN, alive);
        scales.raise(
            CauseId::BrowserStopped,
            NO_MORE,
            Said::WindowsHidesClosedUdp {},
        );
    }
}

/// Before any other look.
fn silent_and_nothing_known(sight: &Sight<'_>, scales: &mut Scales) {
    if !is_silent(sight) || sight.alive.is_some() || sight.all_silent().is_some() {
        return;
    }
    let said = match browser(sight).asked {
        Some(browser) => Said::BrowserSilent { browser },
        None => Said::BrowserUnheard {},
    };
    scales.raise(CauseId::BrowserFiltered, FAIR, said);
    scales.raise(
        CauseId::BrowserStopped,
        FAIR,
        Said::WindowsHidesClosedUdp {},
    );
    if !sight.is_loopback() {
        scales.raise(CauseId::HostDown, WEAK, said);
    }
}

/// Nothing of the host answers: Browser is the least of its troubles.
fn host_is_silent(sight: &Sight<'_>, scales: &mut Scales) {
    let (true, Some(port), Some(address)) = (is_silent(sight), sight.all_silent(), sight.address)
    else {
        return;
    };
    let said = Said::OtherPortSilent { address, port };
    scales.raise(CauseId::HostDown, STRONG, said);
    scales.raise(CauseId::BrowserFiltered, FAIR, said);
    scales.raise(
        CauseId::BrowserStopped,
        FAINT,
        Said::WindowsHidesClosedUdp {},
    );
}

/// Asked for one name, Browser is silent where it does not know it or must hide it. The
/// list is answered by any Browser, so its silence speaks against that.
fn unknown_name_is_silence(sight: &Sight<'_>, scales: &mut Scales) {
    if !is_silent(sight) || browser(sight).form != Some(BrowserForm::Name) {
        return;
    }
    match list(sight).map(|list| list.status) {
        None => scales.raise(
            CauseId::InstanceNotListed,
            WEAK,
            Said::BrowserSilentForUnknown {},
        ),
        Some(BrowserStatus::Silent) => {
            scales.raise(
                CauseId::InstanceNotListed,
                FAINT,
                Said::BrowserSilentForUnknown {},
            );
            scales.lower(
                CauseId::InstanceNotListed,
                FAINT / 2,
                Said::ListSilentToo {},
            );
        }
        Some(_) => {}
    }
}

fn list<'a>(sight: &Sight<'a>) -> Option<&'a Browser> {
    sight.newest(|look| match look {
        Look::BrowserList(browser) => Some(browser),
        _ => None,
    })
}

fn name<'a>(sight: &Sight<'a>) -> Option<&'a Browser> {
    sight.newest(|look| match look {
        Look::BrowserName(browser) => Some(browser),
        _ => None,
    })
}

/// The other form of the question was answered: Browser runs, and UDP gets through.
fn list_tells_more(sight: &Sight<'_>, scales: &mut Scales) {
    if !is_silent(sight) {
        return;
    }
    let listed = sight.advertised();
    let answered = |browser: &&Browser| {
        !matches!(
            browser.status,
            BrowserStatus::Silent | BrowserStatus::Skipped | BrowserStatus::Refused
        )
    };
    if let Some(list) = list(sight).filter(answered) {
        match listed {
            _ if list.status == BrowserStatus::Malformed => makes_no_sense(sight, scales),
            None => lists_only_others(sight, list, scales),
            Some(entry) if entry.tcp.is_none() => tcp_is_off(scales),
            Some(_) => {
                scales.raise(
                    CauseId::BrowserAnswersLate,
                    CERTAIN,
                    Said::ListAnsweredNameNot {},
                );
            }
        }
    } else if let Some(name) = name(sight).filter(answered) {
        match listed {
            _ if name.status == BrowserStatus::Malformed => makes_no_sense(sight, scales),
            Some(entry) if entry.tcp.is_none() => tcp_is_off(scales),
            _ => scales.raise(
                CauseId::BrowserAnswersLate,
                CERTAIN,
                Said::NameAnsweredListNot {},
            ),
        }
    }
}

fn lists_only_others(sight: &Sight<'_>, list: &Browser, scales: &mut Scales) {
    let listed = u32::try_from(list.instances.len()).unwrap_or(u32::MAX);
    scales.raise(
        CauseId::InstanceNotListed,
        CERTAIN,
        Said::InstanceNotInList { listed },
    );
    scales.raise(
        CauseId::InstanceNotListed,
        NO_MORE,
        Said::HiddenIsNotListed {},
    );
    if let Some(good) = &sight.case.past.last_good {
        scales.raise(
            CauseId::InstanceNotListed,
            NO_MORE,
            Said::WasThereBefore { when: good.at },
        );
    }
}

fn tcp_is_off(scales: &mut Scales) {
    scales.raise(CauseId::TcpDisabled, CERTAIN, Said::InstanceWithoutTcp {});
    // An instance that never started since TCP/IP was enabled has no port to list.
    scales.raise(CauseId::ServiceNotRunning, FAIR, Said::NeverStartedSince {});
}

/// SQL Server on Linux has neither Browser nor named instances.
fn no_browser_on_linux(sight: &Sight<'_>, scales: &mut Scales) {
    let linux = matches!(
        sight.case.declared.platform,
        Some(Platform::Linux | Platform::Container)
    );
    if linux && is_silent(sight) && sight.all_silent().is_none() {
        scales.raise(CauseId::BrowserStopped, LIKELY, Said::LinuxHasNoBrowser {});
    }
}

fn unreadable(sight: &Sight<'_>, scales: &mut Scales) {
    if browser(sight).status == BrowserStatus::Malformed {
        makes_no_sense(sight, scales);
    }
}

/// All of the answer, or only the port of the wanted instance.
fn makes_no_sense(sight: &Sight<'_>, scales: &mut Scales) {
    let said = match sight.advertised() {
        Some(_) => Said::AdvertisedPortUnreadable {},
        None => Said::BrowserReplyUnreadable {},
    };
    scales.raise(CauseId::BrowserReplyMalformed, CERTAIN, said);
}

fn not_listed(sight: &Sight<'_>, scales: &mut Scales) {
    if browser(sight).status == BrowserStatus::NotListed {
        lists_only_others(sight, browser(sight), scales);
    }
}

fn without_tcp(sight: &Sight<'_>, scales: &mut Scales) {
    if browser(sight).status == BrowserStatus::NoTcp {
        tcp_is_off(scales);
    }
}
