import { describe, expect, it } from 'vitest';
import type { Intent } from '#contracts';
import { detectIntent } from './intent.js';
import { normalise } from './normalise.js';

const MESSAGES: readonly (readonly [Intent, string])[] = [
  ['greeting', 'Oi'],
  ['greeting', 'Bom diaaa 😊'],
  ['greeting', 'Olá, tudo bem com vcs?'],
  ['greeting', 'boa tarde!! tem alguém aí?'],
  ['greeting', 'Hi there, how are you?'],
  ['price_question', 'Oi, quanto custa o plano anual?'],
  ['price_question', 'qto fica 3 camisetas estampadas?'],
  ['price_question', 'Bom dia! Gostaria de um orçamento pra pintura de 2 quartos'],
  ['price_question', 'me passa os valores pfvr'],
  ['price_question', 'Vcs fazem desconto acima de 10 unidades?'],
  ['price_question', 'qual o preco desse tenis q vc postou??'],
  ['price_question', 'Boa noite, o valor da mensalidade da academia por favor'],
  ['price_question', 'How much is the monthly plan?'],
  ['price_question', 'Could you send me a quote for 20 chairs'],
  ['purchase', 'Quero comprar 2 unidades do kit, como faço?'],
  ['purchase', 'vou querer o preto tamanho M'],
  ['purchase', 'blz, pode separar pra mim q eu passo ai'],
  ['purchase', 'Vamos fechar então! Quero o plano pro 🎉'],
  ['purchase', 'vcs ainda tem o vestido azul em estoque?'],
  ['purchase', 'Gostaria de fazer um pedido de 50 salgados'],
  ['purchase', "Hi, I'd like to order two of the blue ones"],
  ['purchase', 'I want to buy the premium version'],
  ['support', 'o aplicativo nao abre desde ontem'],
  ['support', 'Não consigo entrar na minha conta, esqueci a senha'],
  ['support', 'A impressora parou de funcionar, vcs dao suporte?'],
  ['support', 'dando erro 500 qdo clico em salvar'],
  ['support', 'como configuro o wifi da câmera?'],
  ['support', 'n funciona o link q vc mandou'],
  ['support', "I can't log in, it says wrong password"],
  ['support', 'The app keeps crashing on my phone'],
  ['complaint', 'Isso é um absurdo, 3 dias esperando e ninguém me responde 😡'],
  ['complaint', 'Péssimo atendimento, vou no Procon'],
  ['complaint', 'o produto veio quebrado e o acabamento é horrível'],
  ['complaint', 'Não gostei do serviço, ficou muito mal feito'],
  ['complaint', 'nunca mais compro com vcs, falta de respeito'],
  ['complaint', 'quero fazer uma reclamação do vendedor'],
  ['complaint', 'This is unacceptable, I received the wrong item'],
  ['scheduling', 'Queria marcar um horário pra cortar o cabelo sábado'],
  ['scheduling', 'tem vaga amanhã de manhã?'],
  ['scheduling', 'preciso remarcar minha consulta de quinta'],
  ['scheduling', 'Dá pra agendar a visita técnica pra semana q vem?'],
  ['scheduling', 'Can I book an appointment for Tuesday?'],
  ['cancel', 'Quero cancelar minha assinatura'],
  ['cancel', 'boa tarde, como faço o cancelamento do plano?'],
  ['cancel', 'desisti da compra, quero meu dinheiro de volta'],
  ['cancel', 'não quero mais, pode cancelar o pedido 4512'],
  ['cancel', 'Please cancel my subscription and refund me'],
  ['payment', 'Aceita pix?'],
  ['payment', 'segue o comprovante'],
  ['payment', 'me manda a 2ª via do boleto pfv, venceu ontem'],
  ['payment', 'Dá pra parcelar em 10x no cartão?'],
  ['payment', 'Fui cobrada duas vezes na fatura desse mês'],
  ['payment', 'Já paguei mas continua aparecendo em aberto'],
  ['payment', 'Do you take credit card?'],
  ['delivery', 'Cadê meu pedido? era pra chegar ontem'],
  ['delivery', 'vcs entregam em Niterói?'],
  ['delivery', 'Ainda não recebi minha encomenda, tem o código de rastreio?'],
  ['delivery', 'qual o prazo de entrega pro cep 30140-071'],
  ['delivery', 'o motoboy já saiu?'],
  ['delivery', "Where is my order? It hasn't arrived yet"],
  ['other', 'Obrigada!!'],
  ['other', 'ok'],
  ['other', 'kkkkkk'],
  ['other', 'Onde fica a loja de vcs?'],
  ['other', 'qual o horário de funcionamento no feriado?'],
  ['other', 'meu nome é Juliana'],
];

describe(detectIntent.name, () => {
  it.each(MESSAGES)('hears %s in "%s"', (intent, text) => {
    expect(detectIntent(normalise(text)).intent).toBe(intent);
  });

  it('lets a question win over the greeting before it', () => {
    expect(detectIntent(normalise('Oi, quanto custa o plano anual?')).intent).toBe('price_question');
  });

  it('falls back to other when two intents have one weak word each', () => {
    expect(detectIntent(normalise('plano amanhã'))).toEqual({ intent: 'other', confidence: 0.3 });
  });

  it('does not hear a cancellation in its denial', () => {
    expect(detectIntent(normalise('não quero cancelar')).intent).not.toBe('cancel');
  });

  it('is surer the more the words agree', () => {
    const vague = detectIntent(normalise('quanto?'));
    const clear = detectIntent(normalise('quanto custa? me passa o preço e o valor do frete grátis'));

    expect(clear.confidence).toBeGreaterThan(vague.confidence);
  });
});
