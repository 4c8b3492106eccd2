# Ce que les clients lisent sur les pages des retours et du suivi.

units = { $count ->
    [one] { $count } article
   *[other] { $count } articles
}
language-choose = Langue
language-set = Changer
skip = Aller au contenu
required = obligatoire
optional = facultatif

# L'entrée

returns-title = Retours et réclamations
returns-intro = Dites-nous de quelle commande il s'agit. Nous envoyons un lien à l'adresse e-mail avec laquelle elle a été passée.
order-number = Numéro de commande
order-number-hint = Il figure dans votre confirmation de commande, par exemple #1001.
proof = Adresse e-mail ou code postal
proof-hint = Tels que vous les avez donnés avec la commande.
send-link = Envoyez-moi un lien
order-number-missing = Saisissez votre numéro de commande.
order-number-wrong = Un numéro de commande ne contient que des lettres, des chiffres et des traits d'union.
proof-missing = Saisissez votre adresse e-mail ou votre code postal.
too-many-tries = Cela fait trop de tentatives. Veuillez réessayer dans une heure.
form-expired = Ce formulaire est resté ouvert trop longtemps. Veuillez le renvoyer.
form-problem = Veuillez vérifier votre saisie
asked-title = Consultez vos e-mails
asked-text = Si votre saisie correspond à une commande, un e-mail avec un lien est en route. Le lien fonctionne une fois, pendant une heure.
asked-again = Rien au bout de quelques minutes ? Regardez dans les indésirables, ou réessayez.
try-again = Réessayer

open-title = Heureux de vous revoir
open-text = Continuez vers les retours de votre commande.
open-button = Continuer
gone-title = Ce lien ne fonctionne plus
gone-text = Il a expiré ou a déjà servi. Faites-vous en envoyer un nouveau, cela prend une minute.
gone-button = Obtenir un nouveau lien

# Le choix

order-heading = Commande { $number }
choose-title = Que souhaitez-vous retourner ?
choose-intro = Choisissez combien de chaque article, et dites-nous pourquoi.
choose-none = Rien ne peut être retourné pour le moment.
earlier-returns = Vos retours
return-quantity = Combien ?
return-reason = Pourquoi ?
reason-choose = Veuillez choisir
comment = Commentaire
comment-hint = Tout ce qui nous aide à comprendre. Pas de coordonnées bancaires, s'il vous plaît.
comment-too-long = { $most } caractères au plus.
request-send = Envoyer
can-return-until = Retour possible jusqu'au { $date }
refused-nothing = Choisissez au moins un article.
refused-reason = Choisissez un motif.
refused-mixed = Une réclamation et un retour sont deux demandes. Veuillez les envoyer l'une après l'autre.
refused-not-delivered = Pas encore livré.
refused-not-returnable = Ne peut pas être retourné pour ce motif.
refused-never = Exclu des retours.
refused-window = Le retour était possible jusqu'au { $date }.
refused-taken = Fait déjà entièrement l'objet d'un retour.
refused-too-many = { $left ->
    [one] { $left } article seulement peut être retourné.
   *[other] { $left } articles seulement peuvent être retournés.
}
refused-unknown = Ceci ne fait plus partie de la commande.

reason-changed_mind = J'ai changé d'avis
reason-too_small = C'est trop petit
reason-too_large = C'est trop grand
reason-not_as_described = Ce n'est pas conforme à la description
reason-defective = Cela ne fonctionne pas
reason-damaged = C'est arrivé endommagé
reason-wrong_item = C'est autre chose
reason-missing = Cela manquait dans le colis

# Un retour

return-heading = Retour { $rma }
claim-heading = Réclamation { $rma }
return-number = Numéro de retour
requested-on = Demandé le { $date }
stage-requested = Nous avons reçu votre demande
stage-requested-text = Nous l'examinons sous peu.
stage-photos_asked = Il nous faut des photos
stage-photos_asked-text = Montrez-nous ce qui ne va pas. Nous pourrons alors décider.
stage-review = Nous examinons votre demande
stage-review-text = Quelqu'un la lit en personne. Vous aurez de nos nouvelles par e-mail.
stage-approved = Veuillez le renvoyer
stage-approved-text = Envoyez-le d'ici le { $date }. Votre remboursement suit dès que nous l'avons examiné.
stage-replace = Nous vous le renvoyons
stage-replace-text = Un nouveau colis est en préparation. Vous n'avez rien à retourner.
stage-keep = Vous pouvez le garder
stage-keep-text = Nous vous remboursons. Vous n'avez rien à retourner.
stage-in_transit = Il est en route vers nous
stage-in_transit-text = Nous vous prévenons à son arrivée.
stage-received = Il est arrivé
stage-received-text = Nous l'examinons maintenant.
stage-inspected = Nous l'avons examiné
stage-inspected-text = La suite est ci-dessous.
stage-closed = C'est terminé
stage-closed-text = Il ne reste rien à faire.
stage-declined = Nous ne pouvons pas l'accepter
stage-declined-text = Notre réponse : { $why }
stage-cancelled = Annulé
stage-cancelled-text = Vous pouvez demander un autre retour à tout moment.
photo-choose = Une photo
photo-hint = JPEG, PNG, WebP ou HEIC, 10 Mo au plus ; cinq au maximum.
photo-send = Envoyer cette photo
photo-send-another = Envoyer une autre photo
photo-taken = Photo { $number } bien reçue ({ $kilobytes } ko)
photo-full = Il ne faut pas d’autre photo.
photo-wrong-kind = Ce n’est pas une photo. Choisissez un fichier JPEG, PNG, WebP ou HEIC.
photo-too-big = Cette photo dépasse 10 Mo. Choisissez-en une plus petite.
photo-broken = Cette photo est illisible. Reprenez-la, ou choisissez-en une autre.
photo-too-old = Cette page est restée ouverte trop longtemps. Rechargez-la, puis choisissez votre photo.
photo-sending = Envoi en cours…
photo-answer = Ce qu’est devenue votre photo
photo-refused = Le résultat de l’envoi s’affiche ici. Si c’est un code d’erreur, la photo dépasse 10 Mo, ou cette page est restée ouverte plus d’une heure : choisissez une photo plus petite ci-dessus, ou rechargez cette page.
photo-arrived = Votre photo est arrivée.
photo-next = Continuer
photos-enough = Est-ce tout ?
photos-enough-text = Avec ces photos, nous pouvons décider. Si vous partez maintenant, nous le ferons dans une demi-heure.
photos-go-on = C’est tout
how-to-send = Comment le renvoyer
label-ready = Votre étiquette est prête
label-ready-text = Imprimez-la, collez-la sur le colis et déposez-le chez { $carrier }. Cela ne vous coûte rien.
label-download = Ouvrir l'étiquette
label-soon = Nous préparons une étiquette pour vous. Elle sera ici dans quelques minutes et ne vous coûte rien.
label-none = Nous n'avons pas pu obtenir d'étiquette. Nous vous écrirons.
own-postage = Veuillez l'envoyer à vos frais, par le transporteur de votre choix, à :
write-number = Inscrivez le numéro { $rma } sur le colis, ou glissez-y le code.
code-alt = Code du retour { $rma }
sent-with = Envoyé avec { $carrier }, numéro { $number }
refunds = Remboursement
refund-planned = { $amount } vous seront remboursés.
refund-succeeded = { $amount } ont été remboursés.
refund-waits = { $amount } : quelqu'un s'en occupe en personne.
in-this-return = Dans ce retour
cancel-title = Changé d'avis ?
cancel-text = Tant que rien n'est en route, vous pouvez l'annuler.
cancel-button = Annuler le retour
cancel-too-late = Il est trop tard pour l'annuler.
back-to-order = Revenir à la commande

# Le suivi

track-title = Où est ma commande ?
track-heading = Commande { $number }
ordered-on = Commandé le { $date }
parcels = { $count ->
    [one] Votre colis
   *[other] Vos { $count } colis
}
parcel-of = Colis { $number }
track-number = Numéro de suivi
expected-on = Attendu le { $date }
expected-between = Attendu du { $from } au { $until }
arrived-on = Arrivé le { $date }
expected-past = Était attendu d'ici le { $date }. Nous sommes désolés que cela prenne plus de temps.
journey = Trajet
status-label_created = Emballé
status-in_transit = En route
status-out_for_delivery = En cours de livraison
status-ready_for_pickup = Prêt à être retiré
status-exception = Retenu
status-delivered = Livré
status-attempt_failed = Personne n'a ouvert
status-returning = Sur le chemin du retour
status-returned = Revenu chez nous
to-come = Encore à venir
to-come-unknown = Nous vous prévenons dès son départ.
to-come-held = Nous vérifions quelque chose et vous prévenons.
to-come-backorder = Pas en stock pour l'instant. Départ prévu le { $date }.
not-sent = Ne sera pas envoyé
in-parcel = Dans ce colis
ordered = Votre commande
arrived-button = C'est arrivé
arrived-thanks = Merci de nous l'avoir dit.
something-wrong = Quelque chose ne va pas
all-cancelled = Cette commande a été annulée.
