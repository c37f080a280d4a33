//! The machine in a server: a name, an address, or this machine.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Fault;
use crate::target::token::is_blank;
use crate::target::{Host, HostName};

/// Reads a host. Faults are placed in `text`.
pub(super) fn host_of(text: &str) -> Result<Host, Fault> {
    let this_machine = [".", "(local)", "(localhost)", "localhost"];
    if this_machine
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
    {
        return Ok(Host::Local);
    }
    // Short as it is, it is looked through byte by byte.
    let has = |wanted: u8| text.bytes().any(|byte| byte == wanted);
    if has(b'%')
        && let Some((address, _)) = text
            .split_once('%')
            .filter(|(address, _)| address.contains(':'))
    {
        let at = address.len()..text.len();
        return Err(Fault::new(
            at,
            "a scope id names a network card of one machine, and clients disagree about it",
        )
        .hint("the name of the server, or an address that needs no scope id"));
    }
    if has(b':') {
        let address = text.parse::<Ipv6Addr>().map_err(|_| {
            Fault::new(
                0..text.len(),
                "this is neither an IPv6 address nor a host with one port",
            )
            .hint("host,port, or [2001:db8::5],1433")
        })?;
        return one_machine(IpAddr::V6(address), text);
    }
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return one_machine(IpAddr::V4(address), text);
    }
    if text.contains('.')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return Err(Fault::new(
            0..text.len(),
            "this is no IPv4 address: four numbers from 0 to 255, without leading zeros",
        )
        .hint("such as 10.0.4.12"));
    }
    HostName::new(text).map(Host::Name).map_err(|error| {
        let character = text.get(error.at..).and_then(|rest| rest.chars().next());
        let fault = Fault::token(error, 0..text.len(), text);
        match character {
            Some('*' | '?' | '%' | '[' | ']') => {
                fault.hint("names and addresses only: one target for each server")
            }
            Some(character) if is_blank(character) => {
                fault.hint(r"host, host,port or host\INSTANCE, one a line")
            }
            _ => fault,
        }
    })
}

/// An address that one machine can have: a probe never goes to many.
fn one_machine(address: IpAddr, text: &str) -> Result<Host, Fault> {
    let broadcast = matches!(address, IpAddr::V4(v4) if v4.is_broadcast());
    if address.is_unspecified() {
        return Err(Fault::new(
            0..text.len(),
            "this address stands for no machine; a server listens on it, nobody connects to it",
        )
        .hint("for this machine: localhost"));
    }
    if address.is_multicast() || broadcast {
        return Err(
            Fault::new(0..text.len(), "this address stands for many machines")
                .hint("the address of one server"),
        );
    }
    Ok(Host::Address(address))
}
