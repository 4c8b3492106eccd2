# Was Kunden in E-Mails lesen.

link-mail-subject = Ihr Link zu den Rücksendungen der Bestellung { $number }
link-mail-heading = Rücksendungen und Reklamationen
link-mail-text = Hier geht es weiter zu Rücksendungen und Reklamationen der Bestellung { $number }. Der Link gilt einmal und eine Stunde lang.
link-mail-open = Weiter
link-mail-not-you = Haben Sie ihn nicht angefordert? Dann müssen Sie nichts tun.

# Was aus einer Bestellung wird

mail-why = Sie erhalten diese E-Mail, weil Sie bei { $shop } bestellt haben. Bestellung { $number }.
mail-answer = Haben Sie Fragen? Antworten Sie einfach auf diese E-Mail.
mail-track = Sendung verfolgen
mail-order = Bestellung ansehen
mail-returns = Rücksendung und Reklamation
mail-carrier = Versand mit
mail-tracking-number = Sendungsnummer
mail-expected = Voraussichtlich
mail-expected-between = { $first } bis { $last }
mail-part = Teil { $part } von { $parts }
mail-waiting = Noch nicht lieferbar
mail-expected-around = um den { $date }
mail-rest = Der Rest Ihrer Bestellung folgt getrennt. Wir schreiben Ihnen, sobald er unterwegs ist.

mail-confirmed-subject = Danke für Ihre Bestellung { $number }
mail-confirmed-heading = Danke für Ihre Bestellung
mail-confirmed-text = { $parts ->
    [one] Sie wird direkt von unserem Lieferanten versandt. Wir schreiben Ihnen, sobald sie unterwegs ist.
   *[other] Sie wird direkt von unseren Lieferanten versandt, in { $parts } Teilen. Wir schreiben Ihnen, sobald ein Teil unterwegs ist.
}
mail-split-subject = Bestellung { $number } kommt in { $parts } Teilen
mail-split-heading = Ihre Bestellung kommt in { $parts } Teilen
mail-split-text = Damit nichts auf den Rest warten muss, wird sie von mehreren Lieferanten versandt. Für Sie entstehen keine Mehrkosten.
mail-backordered-subject = Ein Teil der Bestellung { $number } dauert länger
mail-backordered-heading = Ein Teil Ihrer Bestellung dauert länger
mail-backordered-text = Diese Artikel sind zurzeit nirgends vorrätig. Sie sind für Sie vorgemerkt und werden versandt, sobald sie da sind. Sie müssen nichts tun.
mail-refund = Erstattung
mail-cancelled-subject = Bestellung { $number } ist storniert
mail-cancelled-heading = Ihre Bestellung ist storniert
mail-cancelled-text = Es kommt nichts mehr davon.
mail-part-cancelled-subject = Ein Teil der Bestellung { $number } ist storniert
mail-part-cancelled-heading = Ein Teil Ihrer Bestellung ist storniert
mail-part-cancelled-text = Diese Artikel kommen nicht:
mail-part-cancelled-rest = Für den Rest ändert sich nichts.
mail-part-cancelled-left = Der Rest ließ sich nicht mehr aufhalten und kommt noch. Sie können ihn zurücksenden, wenn er da ist.
mail-shipped-subject = Bestellung { $number } ist unterwegs
mail-shipped-heading = Ihr Paket ist unterwegs
mail-shipped-text = { $carrier } bringt Ihnen:
mail-corrected-subject = Neue Sendungsnummer zur Bestellung { $number }
mail-corrected-heading = Ihr Paket hat eine andere Nummer
mail-corrected-text = Die Nummer, die wir Ihnen genannt haben, war falsch. Richtig ist:
mail-delayed-subject = Bestellung { $number } verspätet sich
mail-delayed-heading = Es dauert länger als angekündigt
mail-delayed-text = Es tut uns leid: Ihre Ware sollte bis { $date } bei Ihnen sein und ist noch nicht angekommen. Wir verfolgen sie und schreiben Ihnen, sobald sie da ist.
mail-delayed-carrier-text = Es tut uns leid: { $carrier } meldet ein Problem mit Ihrem Paket. Wir verfolgen es und schreiben Ihnen, sobald es da ist.
mail-delivered-subject = Ihr Paket zur Bestellung { $number } ist angekommen
mail-delivered-heading = Ihr Paket ist angekommen
mail-delivered-text = { $carrier } hat Ihr Paket nach eigener Angabe am { $date } zugestellt. Viel Freude damit!
mail-delivered-wrong = Nicht da, beschädigt oder nicht das Bestellte? Sagen Sie es uns, und wir bringen es in Ordnung.

# Was aus einer Rücksendung wird

mail-rma = Rücksendenummer
mail-return-requested-subject = Ihre Anfrage { $rma } ist da
mail-return-requested-heading = Ihre Anfrage ist da
mail-return-requested-text = Wir sehen sie uns in Kürze an und schreiben Ihnen.
mail-return-photos-asked-subject = Bitte schicken Sie Fotos zu { $rma }
mail-return-photos-asked-heading = Wir brauchen Fotos
mail-return-photos-asked-text = Bitte zeigen Sie uns, was nicht stimmt: dann können wir entscheiden. Fotos können Sie unter „Rücksendung und Reklamation“ hinzufügen.
mail-return-approved-subject = Rücksendung { $rma } ist genehmigt
mail-return-approved-heading = Sie können es zurücksenden
mail-return-approved-text = Bitte senden Sie es mit einem Versanddienst Ihrer Wahl an die Adresse unten und schreiben Sie { $rma } auf das Paket. Ihre Erstattung folgt, sobald wir es geprüft haben.
mail-return-send-by = Absenden bis
mail-return-address = Adresse
mail-return-replaced-subject = { $rma }: Wir senden es noch einmal
mail-return-replaced-heading = Wir senden es noch einmal
mail-return-replaced-text = Das tut uns leid. Ein neues Paket wird vorbereitet; Sie müssen nichts zurücksenden.
mail-return-kept-subject = { $rma }: Sie erhalten Ihr Geld zurück
mail-return-kept-heading = Sie können es behalten
mail-return-kept-text = Wir erstatten Ihnen den Betrag. Sie müssen nichts zurücksenden.
mail-return-label-subject = Ihr Etikett zur Rücksendung { $rma }
mail-return-label-heading = Ihr Etikett ist da
mail-return-label-text = Drucken Sie es aus, kleben Sie es auf das Paket und geben Sie es bei { $carrier } ab. Es kostet Sie nichts. Ihre Erstattung folgt, sobald wir die Ware geprüft haben.
mail-return-label-open = Etikett öffnen
mail-return-declined-subject = Zu Ihrer Anfrage { $rma }
mail-return-declined-heading = Wir können sie nicht annehmen
mail-return-declined-text = Wir haben Ihre Anfrage geprüft und können sie nicht annehmen. Unsere Antwort:
mail-return-cancelled-subject = { $rma } wurde zurückgezogen
mail-return-cancelled-heading = Ihre Anfrage wurde zurückgezogen
mail-return-cancelled-text = Bitte senden Sie dafür nichts zurück. Unter „Rücksendung und Reklamation“ können Sie eine neue Rücksendung anmelden, solange die Frist läuft.
mail-return-received-subject = Rücksendung { $rma } ist angekommen
mail-return-received-heading = Ihre Rücksendung ist da
mail-return-received-text = Wir sehen sie uns jetzt an und schreiben Ihnen, wenn Ihr Geld unterwegs ist.
mail-refunded-subject = { $amount } zur Bestellung { $number }
mail-refunded-heading = Ihr Geld ist unterwegs
mail-refunded-text = Wir haben { $amount } auf dem Weg erstattet, auf dem Sie bezahlt haben. Je nach Bank dauert es einige Tage, bis Sie es sehen.
