//! The font that lies beside a function's binary, in a layer.

use std::fs;

use anyhow::{Context, Result};
use ports::Fonts;

use crate::world::World;

impl Fonts for World {
    fn fallback_font(&self) -> Result<&'static [u8]> {
        if let Some(font) = self.fallback_font.get() {
            return Ok(font);
        }
        let path = &self.config.fallback_font;
        let path = path.as_deref().context("not in the environment: `FALLBACK_FONT`")?;
        let font =
            fs::read(path).with_context(|| format!("failed to read `FALLBACK_FONT`, `{path}`"))?;
        Ok(self.fallback_font.get_or_init(|| font.leak()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn read(path: Option<&str>) -> Result<&'static [u8]> {
        let fallback_font = path.map(str::to_owned);
        World::new(Config { fallback_font, ..Config::sample() }).fallback_font()
    }

    #[test]
    fn what_says_where_the_font_is_gets_named_when_it_is_not_there() {
        let failed = |path| format!("{:#}", read(path).unwrap_err());
        assert_eq!(failed(None), "not in the environment: `FALLBACK_FONT`");
        let missing = failed(Some("/nowhere/font.ttf"));
        assert!(
            missing.starts_with("failed to read `FALLBACK_FONT`, `/nowhere/font.ttf`: "),
            "{missing}"
        );
    }

    #[test]
    fn the_font_is_the_file_that_the_variable_names() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/fonts.rs");
        assert_eq!(read(Some(path)).unwrap(), include_bytes!("fonts.rs"));
    }
}
