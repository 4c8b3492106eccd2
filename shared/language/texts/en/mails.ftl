# What customers read in mails.

mail-greeting = Hello,
mail-regards = Kind regards
link-mail-subject = Your link to the returns of order { $number }
link-mail-text = here is your link to returns and complaints of order { $number }. It works once, for one hour:
link-mail-not-you = Was it not you who asked for it? Then you need not do anything.
