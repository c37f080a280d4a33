//! The layer `resolve`: why a name gives no address (V1 of the matrix).

use super::Rule;
use crate::diagnosis::sight::Sight;
use crate::diagnosis::weigh::{CERTAIN, FAINT, FAIR, NO_MORE, STRONG, Scales, WEAK};
use crate::diagnosis::{CauseId, Said};
use crate::evidence::{Asked, ResolveStatus, ResponseCode};
use crate::target::Remark;

pub(super) const RULES: &[Rule] = &[
    no_such_name,
    lost_backslash,
    no_address,
    server_fails,
    server_silent,
    servers_disagree,
];

fn asked<'a>(sight: &Sight<'a>) -> &'a [Asked] {
    &sight.case.evidence.layers.resolve.asked
}

fn status(sight: &Sight<'_>) -> ResolveStatus {
    sight.case.evidence.layers.resolve.status
}

/// NXDOMAIN for every candidate. The system's word alone is weaker: with a search list
/// glibc reports SERVFAIL and silence as "no such name" too, since the last candidate wins.
fn no_such_name(sight: &Sight<'_>, scales: &mut Scales) {
    if status(sight) != ResolveStatus::NotFound {
        return;
    }
    let asked_count = u32::try_from(asked(sight).len()).unwrap_or(u32::MAX);
    if asked_count == 0 {
        scales.raise(CauseId::NameNotFound, STRONG, Said::NameNotFoundHere {});
        scales.lower(
            CauseId::NameNotFound,
            FAINT,
            Said::SearchListHidesFailures {},
        );
    } else {
        scales.raise(
            CauseId::NameNotFound,
            STRONG + FAIR,
            Said::EveryServerSaysSo { asked: asked_count },
        );
    }
    if sight.case.evidence.layers.resolve.canonical.is_some() {
        scales.raise(CauseId::NameNotFound, NO_MORE, Said::AliasLeadsNowhere {});
    }
    if let Some(good) = &sight.case.past.last_good {
        scales.raise(
            CauseId::NameNotFound,
            NO_MORE,
            Said::ResolvedBefore { when: good.at },
        );
    }
}

/// `db1\PROD` typed unquoted in a shell arrives as `db1PROD`.
fn lost_backslash(sight: &Sight<'_>, scales: &mut Scales) {
    let lost = sight
        .case
        .target
        .remarks
        .contains(&Remark::MaybeLostBackslash);
    if lost && status(sight) == ResolveStatus::NotFound {
        scales.raise(CauseId::NameNotFound, FAINT, Said::MaybeLostBackslash {});
    }
}

/// The name exists and carries no A or AAAA record: a record of another type, or a
/// cluster name that was registered without an address.
fn no_address(sight: &Sight<'_>, scales: &mut Scales) {
    let empty = sight.case.evidence.layers.resolve.addresses.is_empty();
    if status(sight) == ResolveStatus::NoAddress || (status(sight) == ResolveStatus::Ok && empty) {
        scales.raise(
            CauseId::NameHasNoAddress,
            CERTAIN,
            Said::NameHasNoAddress {},
        );
    }
}

fn first_with<'a>(sight: &Sight<'a>, wanted: impl Fn(ResponseCode) -> bool) -> Option<&'a Asked> {
    asked(sight).iter().find(|asked| wanted(asked.code))
}

fn fails(code: ResponseCode) -> bool {
    matches!(
        code,
        ResponseCode::ServFail | ResponseCode::Refused | ResponseCode::Cut | ResponseCode::Other
    )
}

/// SERVFAIL and REFUSED come from the server itself: the name may well exist.
fn server_fails(sight: &Sight<'_>, scales: &mut Scales) {
    if !matches!(
        status(sight),
        ResolveStatus::ServerFailure | ResolveStatus::Refused
    ) {
        return;
    }
    let said = first_with(sight, fails).map_or(Said::DnsFails {}, |asked| Said::DnsServerFails {
        server: asked.server,
        code: asked.code,
    });
    scales.raise(CauseId::DnsServerFailing, CERTAIN, said);
}

/// Nobody answered in time: the servers are down, or the way to them is.
fn server_silent(sight: &Sight<'_>, scales: &mut Scales) {
    if status(sight) != ResolveStatus::TimedOut {
        return;
    }
    let said = first_with(sight, |code| code == ResponseCode::TimedOut).map_or(
        Said::DnsSilent {},
        |asked| Said::DnsServerSilent {
            server: asked.server,
        },
    );
    scales.raise(CauseId::DnsTimeout, CERTAIN, said);
}

/// Servers that disagree: the one that fails, or is silent, may be the one that knows.
fn servers_disagree(sight: &Sight<'_>, scales: &mut Scales) {
    let failing = first_with(sight, fails);
    let silent = first_with(sight, |code| code == ResponseCode::TimedOut);
    if status(sight) == ResolveStatus::NotFound && (failing.is_some() || silent.is_some()) {
        scales.lower(CauseId::NameNotFound, WEAK, Said::DnsServersDisagree {});
    }
    if let Some(asked) = failing {
        let said = Said::DnsServerFails {
            server: asked.server,
            code: asked.code,
        };
        scales.raise(CauseId::DnsServerFailing, FAIR, said);
    }
    if let Some(asked) = silent {
        scales.raise(
            CauseId::DnsTimeout,
            FAIR,
            Said::DnsServerSilent {
                server: asked.server,
            },
        );
    }
}
