import type { NormalText } from './normalise.js';

const LAST_WORDS = new Set(
  `obrigado obrigada obg obgd obgda brigado brigada agradeco muito mto valeu vlw ok okay blz beleza certo combinado perfeito otimo show
  top legal entendi ta bom boa sim fechado tchau abraco abracos ate mais por tudo pela pelo atencao ajuda eu q que so isso mesmo viu nada de
  thanks thank you so much bye got it great perfect alright gracias vale muchas listo 👍 🙏 😊 ❤ 👏 🙂 :)`.split(/\s+/),
);

/** Whether a text only thanks, agrees or says goodbye, so that no answer is owed. */
export function isClosing(text: NormalText): boolean {
  const spoken = text.tokens.filter((token) => !'.!'.includes(token));
  return spoken.length > 0 && spoken.length <= 8 && spoken.every((token) => LAST_WORDS.has(token));
}
