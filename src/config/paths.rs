//! Where the program keeps its files.

use std::path::PathBuf;

use directories::ProjectDirs;

/// Folders of this user, after the XDG rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    pub config_file: PathBuf,
    pub themes: PathBuf,
    pub keymaps: PathBuf,
    pub journal: PathBuf,
    pub log: PathBuf,
    pub crash: PathBuf,
}

/// Neither HOME nor the XDG variables say where the user's files are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no home directory: set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME")]
pub struct NoHome;

impl Paths {
    /// # Errors
    /// [`NoHome`]
    pub fn of_this_user() -> Result<Self, NoHome> {
        let dirs = ProjectDirs::from("", "", "sparkdeck").ok_or(NoHome)?;
        let config = dirs.config_dir().to_owned();
        let state = dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir()).to_owned();
        Ok(Self {
            config_file: config.join("config.toml"),
            themes: config.join("themes"),
            keymaps: config.join("keymaps"),
            journal: state.join("journal.jsonl"),
            log: state.join("sparkdeck.log"),
            crash: state.join("crash.txt"),
        })
    }
}
