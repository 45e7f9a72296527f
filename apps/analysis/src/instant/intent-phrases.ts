import type { Intent } from '#contracts';

/** Phrases that speak for an intent (strong 3, fair 2, weak 1) or against it (-3), pt then en then es. */
export interface Evidence {
  readonly strong: string;
  readonly fair: string;
  readonly weak: string;
  readonly against: string;
}

/** Every intent that has words of its own; a greeting is what has none of these. */
export const EVIDENCE: Readonly<Record<Exclude<Intent, 'greeting' | 'other'>, Evidence>> = {
  purchase: {
    strong: `quero comprar, queria comprar, gostaria de comprar, vou comprar, posso comprar, pra comprar, para comprar, como compro,
      quero fechar, vamos fechar, podemos fechar, fechar negocio, fechar o pedido, fechar pedido, fazer um pedido, fazer pedido, quero pedir,
      queria pedir, vou querer, vou levar, quero levar, quero encomendar, fazer uma encomenda, quero contratar, quero assinar, queria assinar,
      gostaria de contratar, gostaria de assinar, adquirir, pode separar, separa pra mim, link de compra, link para compra, want to buy,
      like to buy, want to order, like to order, place an order, i will take, ill take, sign me up, want to subscribe, quiero comprar, comprarlo`,
    fair: `quero o plano, tem disponivel, em estoque, tem no estoque, tem pronta entrega, pronta entrega, encomendar, contratar, in stock,
      tem esse, tem essa, tem desse, tem dessa, ainda tem, disponivel, interess*, interested, anota ai, me ve, renovar, quero dois, quero duas,
      quero 1*, quero 2*, quero 3*, quero 4*, quero 5*, can i get, quiero`,
    weak: `comprar, compra, pedir, fechar, buy, purchase, order, assinar, quero`,
    against: `nao quero, nao vou querer, quero cancelar, comprar de novo, compro mais, compra que fiz, minha compra, my order`,
  },
  price_question: {
    strong: `quanto custa*, quanto e, quanto fica*, quanto sai*, quanto ta, quanto tao, quanto vcs cobram, quanto vc cobra, quanto voces cobram,
      qto custa*, qto e, qto fica*, qto sai, qto ta, qnto custa, qnt custa, qual o valor, qual valor, qual e o valor, quais os valores, qual o preco,
      preco*, orcamento*, cotacao, tabela de valores, how much, price*, pricing, cuanto cuesta*, cuanto vale, cuanto sale, precio*`,
    fair: `valor, valores, quanto, qto, qnto, qnt, custa*, desconto*, promocao, promocoes, mais barato, discount*, quote, cost, costs, descuento*`,
    weak: `tabela, plano, planos, plan, mensalidade, barato, caro, rates, cheaper, cobra, cobram`,
    against: `quanto tempo, valor cobrado, valor errado, cobraram, valor que paguei, cost me`,
  },
  support: {
    strong: `nao funciona*, nao ta funcionando, nao esta funcionando, n funciona, nao ta lig*, nao esta lig*, caiu, fora do ar, sem internet, sem sinal, parou de funcionar, nao liga, nao abre,
      nao carrega, nao conecta, nao consigo acessar, nao consigo entrar, nao consigo logar, nao consigo abrir, esqueci a senha, esqueci minha senha,
      trocar a senha, suporte, assistencia tecnica, da erro, dando erro, deu erro, travando, travou, not working, doesnt work, stopped working,
      log in, reset my password, forgot my password, error message, will not connect, wont connect, wont turn on, keeps crashing, no funciona, no puedo entrar`,
    fair: `nao consigo, n consigo, nao to conseguindo, nao estou conseguindo, como configur*, como instal*, como eu uso, como usar, como faco para usar, como faco pra usar, erro, bug, login,
      senha, password, error, crash*, configur*, instal*, garantia, manual, support, set up, setup, problema tecnico`,
    weak: `ajuda, ajudar, me ajuda, problema, acessar, acesso, help, issue, problem, app, aplicativo, sistema, site, tela`,
    against: `nao consigo pagar, nao consigo comprar`,
  },
  complaint: {
    strong: `reclamacao, reclamar, absurdo, vergonha, procon, reclame aqui, falta de respeito, descaso, palhacada, pessim*, horrivel, insatisfeit*,
      decepc*, veio errado, veio errada, veio quebrad*, veio com defeito, chegou quebrad*, chegou errad*, chegou com defeito, chegou danificad*,
      meus direitos, ninguem responde, ninguem me responde, nunca mais compro, fui enganad*, golpe, propaganda enganosa, complaint, terrible,
      unacceptable, worst, awful, ridiculous, scam, wrong item, arrived broken, disappoint*, nobody answers, queja, terrible servicio`,
    fair: `nao gostei, nao recomendo, porcaria, grosso, grosseir*, mal educad*, enrolad*, terceira vez, errado, errada, bad service, com defeito, quebrad*, demora de voces, lixo, ridicul*, nunca mais, faltando, trocar o produto, rude, damaged, broken`,
    weak: `demora, demorando, inaceitavel, chegou fri*, ate agora nada, wrong, angry, ainda nao, de novo`,
    against: ``,
  },
  scheduling: {
    strong: `agendar, agendamento, reagend*, remarcar, marcar um, marcar uma, quero marcar, queria marcar, gostaria de marcar, marcar horario,
      marcar consulta, marcar pra, marcar para, desmarcar, tem horario, tem vaga, tem agenda, horario disponivel, horarios disponiveis, schedul*,
      reschedul*, appointment*, book a, book an, agendar una, reservar, reserva`,
    fair: `marcar, horario*, consulta, visita, reuniao, meeting, agenda, cita, available on, encaixe, encaixar, demo`,
    weak: `pode ser, amanha, segunda, terca, quarta, quinta, sexta, sabado, de manha, a tarde, tomorrow, monday, tuesday, wednesday, thursday, friday, manana`,
    against: `horario de funcionamento, horario de atendimento, que horario abre, que horario fecha, opening hours, horario voces abrem`,
  },
  cancel: {
    strong: `cancelar, cancela, cancelo, cancelamento, cancele, cancelem, desistir, desisti, encerrar a conta, encerrar minha conta, encerrar o contrato,
      encerrar meu plano, nao quero mais, nao vou querer, sair do plano, rescindir, rescisao, cancel, cancellation, unsubscribe, reembolso, refund, dinheiro de volta, money back,
      dar baixa no plano, stop my subscription, cancelacion`,
    fair: `encerrar, devolver, devolucao, arrependi*, reembols*, return it, close my account`,
    weak: `parar`,
    against: `nao quero cancelar, nao cancelar, sem cancelar, nao cancela, dont cancel, dont want to cancel`,
  },
  payment: {
    strong: `pix, boleto*, comprovante, pagamento*, parcela*, parcelar, segunda via, 2 via, 2 a via, nota fiscal, fatura*, cobranca, cobraram,
      cobrado, formas de pagamento, forma de pagamento, aceita cartao, aceitam cartao, passa cartao, no cartao, no credito, no debito, payment*,
      invoice*, credit card, charged, paypal, receipt, pagar na entrega, medios de pago, transferencia`,
    fair: `pagar, paguei, pago, cartao, vencimento, vence, vencid*, juros, a vista, em quantas vezes, estorno, deposito, nf, nfe, em ate, paid, pay, tarjeta, pague`,
    weak: `credito, debito, dinheiro, card, bank, banco`,
    against: `dinheiro de volta, pagar caro`,
  },
  delivery: {
    strong: `entrega, entregas, entregam, entregar, entregue, entregou, frete, rastreio, rastre*, cade meu pedido, cade minha encomenda, cade o meu pedido,
      nao chegou, n chegou, ainda nao recebi, nao recebi, n recebi, quando chega, qdo chega, correios, transportadora, sedex, motoboy, prazo de envio,
      saiu para entrega, shipping, shipped, deliver*, tracking, track my, where is my order, wheres my order, hasnt arrived, never arrived,
      when will it arrive, arrive, no llego, cuando llega, mandam pra, mandam para, fazem envio, enviam para, enviam pra`,
    fair: `prazo, meu pedido, minha encomenda, chega, chegar, demora pra chegar, envio, enviam, cep, endereco, my order, package, my parcel, mi pedido, retirar`,
    weak: `pedido, encomenda, chegou, enviado, enviaram, parado, ainda nao, address`,
    against: `pronta entrega, pagar na entrega, fazer um pedido, fechar o pedido, fazer pedido, chegou quebrad*, chegou errad*, chegou com defeito, boleto nao chegou, fatura nao chegou, nao recebi o boleto,
      nao recebi a fatura, nao recebi a nota, cancelar o pedido, cancelar meu pedido`,
  },
};
