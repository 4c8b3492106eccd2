//! The public internet, and nothing else: for calls to addresses that someone typed into the settings. A name is looked
//! up once and the connection goes to what was found, so that it can't be another the second time.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use anyhow::{Result, ensure};
use aws_smithy_runtime_api::client::dns::{DnsFuture, ResolveDns, ResolveDnsError};

/// Looks up names, and knows no address inside our own network.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PublicOnly;

impl ResolveDns for PublicOnly {
    fn resolve_dns<'a>(&'a self, name: &'a str) -> DnsFuture<'a> {
        DnsFuture::new(async move {
            let found = tokio::net::lookup_host((name, 0)).await.map_err(ResolveDnsError::new)?;
            let public: Vec<IpAddr> =
                found.map(|address| address.ip()).filter(|ip| is_public(*ip)).collect();
            if public.is_empty() {
                return Err(ResolveDnsError::new("no public address has this name"));
            }
            Ok(public)
        })
    }
}

/// Refuses a host that is itself an address inside our own network. A name passes.
///
/// # Errors
/// When it is one.
pub(crate) fn ensure_public(host: &str) -> Result<()> {
    let without_user = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let address = match without_user.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => without_user.split(':').next().unwrap_or(without_user),
    };
    let is_inside = address.parse().is_ok_and(|ip| !is_public(ip));
    ensure!(!is_inside, "it is not on the public internet");
    Ok(())
}

/// Whether an address is anyone's on the internet: <https://www.iana.org/assignments/iana-ipv4-special-registry> and
/// <https://www.iana.org/assignments/iana-ipv6-special-registry> list those that are not.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let is_special = match ip.octets() {
        [0, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [240..=255, ..] => true,
        [100, second, ..] => second & 0xc0 == 64, // Carriers' own networks.
        [198, second, ..] => second & 0xfe == 18, // Benchmarks.
        _ => false,
    };
    !(is_special
        || ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation())
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let four =
        |high: u16, low: u16| is_public_v4(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)));
    match ip.segments() {
        // Addresses of the old kind in those of the new.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            four(high, low)
        }
        [0x2002, high, low, ..] => four(high, low),
        [0x2001, 0xdb8, ..] | [0x2001, 0, ..] | [0x64, 0xff9b, 1, ..] | [0x100, 0, 0, 0, ..] => {
            false
        }
        // All that was ever given out lies in 2000::/3.
        [first, ..] => first & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_inside_a_network_are_refused_however_they_are_written() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "[::1]",
            "[::]:443",
            "[fe80::1]",
            "[fd00::1]",
            "[::ffff:169.254.169.254]",
            "[64:ff9b::a9fe:a9fe]",
            "[2002:7f00:1::]",
            "[ff02::1]",
            "me@10.0.0.1",
        ] {
            assert!(ensure_public(host).is_err(), "{host}");
        }
        for host in ["1.1.1.1", "8.8.8.8:443", "100.128.0.1", "[2606:4700::1111]", "crm.example"] {
            assert!(ensure_public(host).is_ok(), "{host}");
        }
    }

    #[test]
    fn a_name_that_means_this_machine_is_not_found() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert!(runtime.block_on(PublicOnly.resolve_dns("localhost")).is_err());
    }
}
