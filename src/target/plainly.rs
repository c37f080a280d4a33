//! Addresses as text, digit by digit: a sweep writes several of them for each server, and the
//! general way to write a number takes ten times as long.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// An address, or one with a port, written as it always is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plainly<Address>(pub Address);

impl fmt::Display for Plainly<IpAddr> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) if f.width().is_none() => Digits::of(address).write(f),
            address => address.fmt(f),
        }
    }
}

impl fmt::Display for Plainly<SocketAddr> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            SocketAddr::V4(endpoint) if f.width().is_none() => {
                let mut digits = Digits::of(*endpoint.ip());
                digits.push(b':');
                digits.number(endpoint.port());
                digits.write(f)
            }
            endpoint => endpoint.fmt(f),
        }
    }
}

/// Room for `255.255.255.255:65535`.
struct Digits {
    text: [u8; 21],
    length: usize,
}

impl Digits {
    fn of(address: Ipv4Addr) -> Self {
        let mut digits = Self {
            text: [0; 21],
            length: 0,
        };
        for (nth, octet) in address.octets().into_iter().enumerate() {
            if nth > 0 {
                digits.push(b'.');
            }
            digits.number(octet.into());
        }
        digits
    }

    fn push(&mut self, byte: u8) {
        self.text[self.length] = byte;
        self.length += 1;
    }

    fn number(&mut self, number: u16) {
        for unit in [10_000, 1_000, 100, 10] {
            if number >= unit {
                self.digit(number / unit % 10);
            }
        }
        self.digit(number % 10);
    }

    fn digit(&mut self, digit: u16) {
        self.push(b'0' + u8::try_from(digit).unwrap_or_default());
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = str::from_utf8(&self.text[..self.length]).map_err(|_| fmt::Error)?;
        f.write_str(text)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_address_is_written_as_it_always_is(octets: [u8; 4], port: u16, v6: [u8; 16]) {
            for address in [IpAddr::from(octets), IpAddr::from(v6)] {
                let endpoint = SocketAddr::new(address, port);
                prop_assert_eq!(Plainly(address).to_string(), address.to_string());
                prop_assert_eq!(Plainly(endpoint).to_string(), endpoint.to_string());
                prop_assert_eq!(format!("{:>20}", Plainly(address)), format!("{address:>20}"));
            }
        }
    }
}
