//! Whose clouds these are: accounts, the access keys that lead to them, and the regions in which they have something.

use std::collections::HashMap;

/// A simulated account. One server hosts several; the access key of a request says which one it means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimAccount {
    /// Twelve digits.
    pub id: String,
    pub name: String,
    pub access_key: String,
    /// Any signature is accepted; clients want a secret all the same.
    pub secret_key: String,
    /// Where the account has clusters; other regions are empty.
    pub regions: Vec<String>,
}

/// One account in one region: what a request reaches, and what quotas are counted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct SiteId(u32);

#[derive(Debug)]
struct Site {
    account: usize,
    region: String,
}

/// All accounts, and the sites that were named so far.
#[derive(Debug)]
pub(super) struct Accounts {
    all: Vec<SimAccount>,
    sites: Vec<Site>,
    numbers: HashMap<(usize, String), SiteId>,
}

impl Accounts {
    /// `accounts` has at least one element: the scenario's check sees to it.
    pub(super) fn new(accounts: Vec<SimAccount>) -> Self {
        Self { all: accounts, sites: Vec::new(), numbers: HashMap::new() }
    }

    pub(super) fn all(&self) -> &[SimAccount] {
        &self.all
    }

    /// The place in [`Self::all`] of the account this access key belongs to; unknown keys belong to the first one.
    pub(super) fn by_key(&self, access_key: &str) -> usize {
        self.all.iter().position(|account| account.access_key == access_key).unwrap_or(0)
    }

    /// The place of the account with this name or id.
    pub(super) fn by_name(&self, name: &str) -> Option<usize> {
        self.all.iter().position(|account| account.name == name || account.id == name)
    }

    pub(super) fn site(&mut self, account: usize, region: &str) -> SiteId {
        if let Some(site) = self.numbers.get(&(account, region.to_owned())) {
            return *site;
        }
        let number = SiteId(u32::try_from(self.sites.len()).unwrap_or(u32::MAX));
        self.sites.push(Site { account, region: region.to_owned() });
        self.numbers.insert((account, region.to_owned()), number);
        number
    }

    pub(super) fn account_of(&self, site: SiteId) -> &SimAccount {
        &self.all[self.sites[site.0 as usize].account]
    }

    pub(super) fn region_of(&self, site: SiteId) -> &str {
        &self.sites[site.0 as usize].region
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(name: &str, key: &str) -> SimAccount {
        SimAccount {
            id: format!("00000000000{}", key.len()),
            name: name.to_owned(),
            access_key: key.to_owned(),
            secret_key: "secret".to_owned(),
            regions: vec!["us-east-1".to_owned()],
        }
    }

    #[test]
    fn an_unknown_key_reaches_the_first_account() {
        let accounts = Accounts::new(vec![account("prod", "K"), account("dev", "KK")]);
        assert_eq!(accounts.by_key("KK"), 1);
        assert_eq!(accounts.by_key("nobody's"), 0);
        assert_eq!(accounts.by_name("dev"), Some(1));
        assert_eq!(accounts.by_name("000000000001"), Some(0));
        assert_eq!(accounts.by_name("test"), None);
    }

    #[test]
    fn a_site_is_the_same_each_time_it_is_named() {
        let mut accounts = Accounts::new(vec![account("prod", "K"), account("dev", "KK")]);
        let here = accounts.site(1, "eu-west-1");
        let there = accounts.site(1, "us-east-1");
        assert_ne!(here, there);
        assert_eq!(accounts.site(1, "eu-west-1"), here);
        assert_eq!((accounts.account_of(here).name.as_str(), accounts.region_of(here)), ("dev", "eu-west-1"));
    }
}
