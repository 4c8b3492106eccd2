# Was Kunden in E-Mails lesen.

mail-greeting = Guten Tag,
mail-regards = Freundliche Grüße
link-mail-subject = Ihr Link zu den Rücksendungen der Bestellung { $number }
link-mail-text = hier ist Ihr Link zu Rücksendungen und Reklamationen der Bestellung { $number }. Er gilt einmal und eine Stunde lang:
link-mail-not-you = Haben Sie ihn nicht angefordert? Dann müssen Sie nichts tun.
