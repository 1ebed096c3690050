//! How a target is reached, as results record it and `wsspec replay` reads it.

use wsspec_reports::results::Setup;

use super::connection_args::RouteArgs;
use super::terminal;
use crate::secrets::is_secret_field;

/// Records how a server at `url` is reached. Secrets are left out.
pub fn record(url: Option<&str>, fields: &[(String, String)], route_args: &RouteArgs) -> Setup {
    let path = |file: &Option<std::path::PathBuf>| file.as_ref().map(|file| file.display().to_string());
    let (secret, open): (Vec<_>, Vec<_>) = fields.iter().cloned().partition(|(name, _)| is_secret_field(name));
    let proxy = route_args.proxy.as_deref().map(without_credentials);
    Setup {
        directory: directory(),
        url: url.map(str::to_owned),
        fields: open,
        secret_fields: secret.into_iter().map(|(name, _)| name).collect(),
        ca: path(&route_args.ca),
        insecure: route_args.insecure,
        cert: path(&route_args.cert),
        key: path(&route_args.key),
        connect_to: route_args.connect_to.clone(),
        proxy_has_credentials: route_args.proxy.is_some() && proxy != route_args.proxy,
        proxy,
        ..Setup::default()
    }
}

/// The working directory.
pub fn directory() -> String {
    std::env::current_dir().map(|folder| folder.display().to_string()).unwrap_or_default()
}

/// The fields of a replay: those of the run, and the given ones in place of those with the same name.
pub fn fields(setup: &Setup, given: Vec<(String, String)>) -> Vec<(String, String)> {
    let is_given = |name: &str| given.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    let missing: Vec<&str> = setup.secret_fields.iter().map(String::as_str).filter(|name| !is_given(name)).collect();
    if !missing.is_empty() {
        let names = missing.join(", ");
        terminal::note(&format!(
            "the run sent secret fields that its results do not hold: {names}; add them with --header 'Name: value'"
        ));
    }
    let kept: Vec<_> = setup.fields.iter().filter(|(name, _)| !is_given(name)).cloned().collect();
    [kept, given].concat()
}

/// The route of a replay: that of the run, except for the options that are given.
pub fn route_args(setup: &Setup, given: RouteArgs) -> RouteArgs {
    if setup.proxy_has_credentials && given.proxy.is_none() {
        terminal::note("the proxy of the run needed credentials that its results do not hold; add them with --proxy");
    }
    let trusts = given.ca.is_some() || given.insecure;
    let identifies = given.cert.is_some();
    RouteArgs {
        ca: given.ca.or_else(|| setup.ca.as_ref().filter(|_| !trusts).map(Into::into)),
        insecure: given.insecure || (setup.insecure && !trusts),
        cert: given.cert.or_else(|| setup.cert.as_ref().map(Into::into)),
        key: given.key.or_else(|| setup.key.as_ref().filter(|_| !identifies).map(Into::into)),
        connect_to: given.connect_to.or_else(|| setup.connect_to.clone()),
        proxy: given.proxy.or_else(|| setup.proxy.clone()),
    }
}

/// A proxy's URL without user and password.
fn without_credentials(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((_, host)) => format!("{scheme}://{host}"),
            None => url.to_owned(),
        },
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_recorded() {
        let pairs = [("Authorization", "Bearer x"), ("X-Api-Key", "y"), ("Sec-WebSocket-Key", "z"), ("Origin", "o")];
        let pairs = pairs.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let route_args = RouteArgs { proxy: Some("http://user:pass@proxy:3128".into()), ..RouteArgs::default() };
        let setup = record(Some("ws://h:{port}/"), &pairs, &route_args);
        assert_eq!(setup.secret_fields, ["Authorization", "X-Api-Key"]);
        assert_eq!(setup.fields.len(), 2);
        assert_eq!(setup.proxy.as_deref(), Some("http://proxy:3128"));
        assert!(setup.proxy_has_credentials);
    }

    #[test]
    fn given_fields_take_the_place_of_recorded_ones() {
        let setup = Setup { fields: vec![("Origin".into(), "a".into()), ("X".into(), "b".into())], ..Setup::default() };
        let all = fields(&setup, vec![("origin".into(), "c".into())]);
        assert_eq!(all, [("X".to_owned(), "b".to_owned()), ("origin".to_owned(), "c".to_owned())]);
    }
}
