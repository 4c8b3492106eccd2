# Ce que les clients lisent dans les e-mails.

mail-greeting = Bonjour,
mail-regards = Cordialement
link-mail-subject = Votre lien vers les retours de la commande { $number }
link-mail-text = voici votre lien vers les retours et réclamations de la commande { $number }. Il fonctionne une fois, pendant une heure :
link-mail-not-you = Vous ne l'avez pas demandé ? Alors vous n'avez rien à faire.
