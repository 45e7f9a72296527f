import type { Copy } from './copy.js';

export const es: Copy = {
  replies: {
    purchase: [
      '¡Genial{name}! ¿Qué producto o plan quiere y en qué cantidad?',
      '¡Perfecto! ¿Puedo confirmar los datos del pedido con usted?',
      '¡Qué bien! ¿Tiene alguna duda antes de cerrar el pedido?',
    ],
    price_question: [
      '¡Claro{name}! ¿De qué producto o plan quiere saber el precio?',
      'Voy a confirmar el precio actualizado y se lo paso por aquí.',
      'Para darle el precio correcto, ¿qué cantidad necesita?',
    ],
    support: [
      'Entiendo{name}. ¿Me puede contar qué aparece cuando ocurre?',
      '¿Me puede enviar una foto o una captura de pantalla?',
      '¿Desde cuándo ocurre? Voy a revisarlo.',
    ],
    complaint: [
      'Lamento lo ocurrido{name}. Quiero entender qué pasó para buscar una solución con usted.',
      'Gracias por avisar. ¿Me puede pasar el número del pedido?',
      'Lamento las molestias. Voy a consultarlo con el equipo y le respondo por aquí.',
    ],
    scheduling: [
      '¡Claro{name}! ¿Qué día y hora le quedan mejor?',
      'Voy a revisar la agenda y le confirmo por aquí.',
      '¿Prefiere por la mañana o por la tarde?',
    ],
    greeting: [
      '¡Hola{name}! ¿En qué puedo ayudar?',
      '¡Hola! ¿Cómo está? ¿En qué puedo ayudar?',
      '¡Hola! Qué gusto saludarle. Cuénteme, ¿qué necesita?',
    ],
    cancel: [
      'Entiendo{name}. ¿Me puede contar el motivo de la cancelación?',
      'Puedo ayudar con eso. ¿Me confirma el número del pedido o el correo de su cuenta?',
      'Antes de cancelar, ¿puedo intentar resolver lo que pasó?',
    ],
    payment: [
      '¡De acuerdo{name}! Voy a revisar el pago y le aviso por aquí.',
      'Voy a confirmar las formas de pago y le respondo por aquí.',
      'Si ya pagó, ¿me puede enviar el comprobante, por favor?',
    ],
    delivery: [
      'Voy a revisar la entrega{name}. ¿Me pasa el número del pedido?',
      '¿Cuál es su código postal? Así reviso el plazo y el envío.',
      'Voy a consultar la entrega con el equipo y le aviso por aquí.',
    ],
    other: [
      '¡Hola{name}! ¿Me puede contar un poco más para poder ayudar?',
      'Entiendo. Voy a revisarlo y le respondo por aquí.',
      '¡Recibí su mensaje! ¿En qué puedo ayudar?',
    ],
    closing: [
      '¡Gracias a usted{name}! Cualquier cosa, escríbame.',
      '¡De acuerdo! Quedo a su disposición.',
      'Si necesita algo más, escríbame por aquí.',
    ],
  },
  steps: {
    purchase: 'Confirme producto, cantidad y datos del cliente y cierre el pedido.',
    price_question: 'Envíe el precio de lo que preguntó el cliente.',
    support: 'Pida los detalles del problema y ayude a resolverlo.',
    complaint: 'Pida disculpas, entienda qué pasó y diga cuál será el próximo paso.',
    scheduling: 'Revise la agenda y ofrezca horarios.',
    greeting: 'Salude y pregunte en qué puede ayudar.',
    cancel: 'Averigüe el motivo antes de cancelar.',
    payment: 'Revise el pago y responda al cliente.',
    delivery: 'Revise el estado de la entrega y avise al cliente.',
    other: 'Lea el mensaje y responda al cliente.',
    closing: 'Nada que responder ahora; espere al cliente.',
    call_back: 'Llame al cliente, que pidió una llamada.',
    hand_over: 'Pase la conversación a un responsable.',
  },
};
