//! Links, mails and pages.
