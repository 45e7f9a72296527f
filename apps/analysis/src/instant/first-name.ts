const NAME = /^\p{Script=Latin}{2,20}$/u;

/** First words of WhatsApp names that are no person's name. */
const NOT_A_NAME = new Set(
  `sr sra srta dr dra prof seu dona dom mr mrs ms dr the loja lojas empresa cliente grupo clinica oficina salao studio estudio casa
  restaurante pizzaria bar mercado farmacia vendas suporte atendimento contato comercial financeiro oficial whatsapp user usuario null
  undefined admin teste test deus jesus amor mae pai eu la el los las de da do dos das`.split(/\s+/),
);

/** The first name to address somebody by, or null when what WhatsApp shows is not clearly a person's name. */
export function firstName(customerName: string | null): string | null {
  const first = customerName?.slice(0, 100).normalize('NFC').trim().split(/\s/u, 1)[0] ?? '';
  if (!NAME.test(first) || NOT_A_NAME.has(first.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase())) return null;
  const asTyped = first !== first.toLowerCase() && first !== first.toUpperCase();
  return asTyped ? first : first.charAt(0).toUpperCase() + first.slice(1).toLowerCase();
}
