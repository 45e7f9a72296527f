import type { Copy } from './copy.js';

export const pt: Copy = {
  replies: {
    purchase: [
      'Ótimo{name}! Qual produto ou plano você quer, e em que quantidade?',
      'Perfeito! Posso confirmar os dados do pedido com você?',
      'Que bom! Quer tirar alguma dúvida antes de fechar o pedido?',
    ],
    price_question: [
      'Claro{name}! De qual produto ou plano você quer saber o preço?',
      'Vou confirmar o valor atualizado e te passo por aqui.',
      'Para eu passar o valor certo, de que quantidade você precisa?',
    ],
    support: [
      'Entendi{name}. Pode me contar o que aparece quando isso acontece?',
      'Pode me mandar uma foto ou um print da tela?',
      'Desde quando isso acontece? Vou verificar para você.',
    ],
    complaint: [
      'Sinto muito por isso{name}. Quero entender o que aconteceu para buscar uma solução com você.',
      'Agradeço por avisar. Pode me passar o número do pedido?',
      'Lamento o transtorno. Vou verificar com a equipe e te retorno por aqui.',
    ],
    scheduling: [
      'Claro{name}! Qual dia e horário ficam melhores para você?',
      'Vou verificar a agenda e te confirmo por aqui.',
      'Você prefere de manhã ou à tarde?',
    ],
    greeting: [
      'Oi{name}! Como posso ajudar?',
      'Olá! Tudo bem? Em que posso ajudar?',
      'Oi! Que bom falar com você. Me conta, do que você precisa?',
    ],
    cancel: [
      'Entendi{name}. Pode me contar o motivo do cancelamento?',
      'Posso ajudar com isso. Me confirma o número do pedido ou o e-mail do cadastro?',
      'Antes de cancelar, posso tentar resolver o que aconteceu?',
    ],
    payment: [
      'Certo{name}! Vou conferir o pagamento e te aviso por aqui.',
      'Vou confirmar as formas de pagamento e te respondo por aqui.',
      'Se já pagou, pode me mandar o comprovante, por favor?',
    ],
    delivery: [
      'Vou verificar a entrega para você{name}. Me passa o número do pedido?',
      'Qual é o seu CEP? Assim confiro o prazo e o frete.',
      'Vou consultar a entrega com a equipe e te aviso por aqui.',
    ],
    other: [
      'Oi{name}! Pode me contar um pouco mais para eu ajudar?',
      'Entendi. Vou verificar e te respondo por aqui.',
      'Recebi sua mensagem! Em que posso ajudar?',
    ],
    closing: ['Eu que agradeço{name}! Qualquer coisa, é só chamar.', 'Combinado! Estou à disposição.', 'Precisando, é só chamar por aqui.'],
  },
  steps: {
    purchase: 'Confirme produto, quantidade e dados do cliente e feche o pedido.',
    price_question: 'Envie o preço do que o cliente perguntou.',
    support: 'Peça os detalhes do problema e ajude a resolver.',
    complaint: 'Peça desculpas, entenda o que aconteceu e diga qual será o próximo passo.',
    scheduling: 'Confira a agenda e ofereça horários.',
    greeting: 'Cumprimente e pergunte como pode ajudar.',
    cancel: 'Descubra o motivo antes de cancelar.',
    payment: 'Confira o pagamento e responda ao cliente.',
    delivery: 'Confira a situação da entrega e avise o cliente.',
    other: 'Leia a mensagem e responda ao cliente.',
    closing: 'Nada a responder agora; aguarde o cliente.',
    call_back: 'Ligue para o cliente, que pediu uma ligação.',
    hand_over: 'Passe a conversa para um responsável.',
  },
};
