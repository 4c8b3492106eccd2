# 顾客在邮件中看到的文字。

mail-greeting = 您好：
mail-regards = 此致
link-mail-subject = 订单 { $number } 的退货链接
link-mail-text = 这是订单 { $number } 的退货与售后链接，仅可使用一次，有效期一小时：
link-mail-not-you = 如果不是您本人的请求，您无需任何操作。
