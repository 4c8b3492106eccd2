# Ce que les clients lisent dans les e-mails.

link-mail-subject = Votre lien vers les retours de la commande { $number }
link-mail-heading = Retours et réclamations
link-mail-text = Accédez aux retours et réclamations de la commande { $number }. Le lien fonctionne une fois, pendant une heure.
link-mail-open = Continuer
link-mail-not-you = Vous ne l'avez pas demandé ? Alors vous n'avez rien à faire.

# Ce que devient une commande

mail-why = Vous recevez cet e-mail parce que vous avez commandé chez { $shop }. Commande { $number }.
mail-answer = Une question ? Répondez simplement à cet e-mail.
mail-track = Suivre le colis
mail-order = Voir la commande
mail-returns = Retours et réclamations
mail-carrier = Transporteur
mail-tracking-number = Numéro de suivi
mail-expected = Livraison prévue
mail-expected-between = { $first } – { $last }
mail-part = Partie { $part } sur { $parts }
mail-waiting = Pas encore en stock
mail-expected-around = vers le { $date }
mail-rest = Le reste de votre commande suit séparément. Nous vous écrirons à son départ.

mail-confirmed-subject = Merci pour votre commande { $number }
mail-confirmed-heading = Merci pour votre commande
mail-confirmed-text = { $parts ->
    [one] Elle est expédiée directement par notre fournisseur. Nous vous écrirons dès qu’elle sera en route.
   *[other] Elle est expédiée directement par nos fournisseurs, en { $parts } parties. Nous vous écrirons dès que chacune sera en route.
}
mail-split-subject = La commande { $number } arrive en { $parts } parties
mail-split-heading = Votre commande arrive en { $parts } parties
mail-split-text = Pour que rien n’attende le reste, elle est expédiée par plusieurs fournisseurs. Cela ne vous coûte rien de plus.
mail-backordered-subject = Une partie de la commande { $number } prend plus de temps
mail-backordered-heading = Une partie de votre commande prend plus de temps
mail-backordered-text = Ces articles ne sont en stock nulle part pour le moment. Ils vous sont réservés et partiront dès leur arrivée. Vous n’avez rien à faire.
mail-refund = Remboursement
mail-cancelled-subject = La commande { $number } est annulée
mail-cancelled-heading = Votre commande est annulée
mail-cancelled-text = Vous n’en recevrez rien.
mail-part-cancelled-subject = Une partie de la commande { $number } est annulée
mail-part-cancelled-heading = Une partie de votre commande est annulée
mail-part-cancelled-text = Vous ne recevrez pas ces articles :
mail-part-cancelled-rest = Rien ne change pour le reste.
mail-part-cancelled-left = Le reste n’a pas pu être arrêté et vous parviendra encore. Vous pourrez le renvoyer à son arrivée.
mail-shipped-subject = La commande { $number } est en route
mail-shipped-heading = Votre colis est en route
mail-shipped-text = { $carrier } vous apporte :
mail-corrected-subject = Nouveau numéro de suivi pour la commande { $number }
mail-corrected-heading = Votre colis a un autre numéro
mail-corrected-text = Le numéro que nous vous avions donné était faux. Voici le bon :
mail-delayed-subject = La commande { $number } a du retard
mail-delayed-heading = Cela prend plus de temps que prévu
mail-delayed-text = Nous sommes désolés : votre commande devait arriver au plus tard le { $date } et n’est pas encore là. Nous la suivons et vous écrirons dès son arrivée.
mail-delayed-carrier-text = Nous sommes désolés : { $carrier } signale un problème avec votre colis. Nous le suivons et vous écrirons dès son arrivée.
mail-delivered-subject = Votre colis de la commande { $number } est arrivé
mail-delivered-heading = Votre colis est arrivé
mail-delivered-text = { $carrier } indique avoir livré votre colis le { $date }. Profitez-en bien !
mail-delivered-wrong = Rien reçu, un article abîmé ou une erreur ? Dites-le-nous, nous arrangerons cela.

# Ce que devient un retour

mail-rma = Numéro de retour
mail-return-requested-subject = Nous avons reçu votre demande { $rma }
mail-return-requested-heading = Nous avons reçu votre demande
mail-return-requested-text = Nous l’examinons sous peu et vous écrirons.
mail-return-photos-asked-subject = Merci d’envoyer des photos pour { $rma }
mail-return-photos-asked-heading = Il nous faut des photos
mail-return-photos-asked-text = Montrez-nous ce qui ne va pas : nous pourrons alors décider. Ajoutez les photos sous « Retours et réclamations ».
mail-return-approved-subject = Le retour { $rma } est accepté
mail-return-approved-heading = Vous pouvez le renvoyer
mail-return-approved-text = Envoyez-le par le transporteur de votre choix à l’adresse ci-dessous et inscrivez { $rma } sur le colis. Le remboursement suit dès que nous l’avons examiné.
mail-return-send-by = À envoyer avant le
mail-return-address = Adresse
mail-return-replaced-subject = { $rma } : nous vous le renvoyons
mail-return-replaced-heading = Nous vous le renvoyons
mail-return-replaced-text = Nous en sommes désolés. Un nouveau colis se prépare ; vous n’avez rien à renvoyer.
mail-return-kept-subject = { $rma } : vous êtes remboursé
mail-return-kept-heading = Vous pouvez le garder
mail-return-kept-text = Nous vous remboursons. Vous n’avez rien à renvoyer.
mail-return-label-subject = Votre étiquette pour le retour { $rma }
mail-return-label-heading = Votre étiquette est prête
mail-return-label-text = Imprimez-la, collez-la sur le colis et déposez-le chez { $carrier }. Cela ne vous coûte rien. Le remboursement suit dès que nous avons examiné l’envoi.
mail-return-label-open = Ouvrir l’étiquette
mail-return-declined-subject = Votre demande { $rma }
mail-return-declined-heading = Nous ne pouvons pas l’accepter
mail-return-declined-text = Nous avons examiné votre demande et ne pouvons pas l’accepter. Notre réponse :
mail-return-cancelled-subject = { $rma } est annulé
mail-return-cancelled-heading = Votre demande est annulée
mail-return-cancelled-text = Ne renvoyez rien pour cette demande. Sous « Retours et réclamations », vous pouvez en faire une nouvelle tant que le délai court.
mail-return-received-subject = Le retour { $rma } est arrivé
mail-return-received-heading = Votre retour est arrivé
mail-return-received-text = Nous l’examinons maintenant et vous écrirons quand votre argent sera en route.
mail-refunded-subject = { $amount } pour la commande { $number }
mail-refunded-heading = Votre argent est en route
mail-refunded-text = Nous vous avons remboursé { $amount } par votre moyen de paiement. Selon votre banque, cela prend quelques jours.
