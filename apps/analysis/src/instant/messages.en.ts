import type { Copy } from './copy.js';

export const en: Copy = {
  replies: {
    purchase: [
      'Great{name}! Which product or plan would you like, and how many?',
      'Perfect! Can I confirm the order details with you?',
      'Good to hear! Is there anything you would like to know before you order?',
    ],
    price_question: [
      'Sure{name}! Which product or plan would you like the price of?',
      'Let me confirm the current price and I will send it to you here.',
      'To give you the right price: how many do you need?',
    ],
    support: [
      'I see{name}. Can you tell me what appears when this happens?',
      'Could you send me a photo or a screenshot?',
      'Since when has this been happening? I will look into it for you.',
    ],
    complaint: [
      'I am sorry about this{name}. I would like to understand what happened so that we can find a solution.',
      'Thank you for telling us. Could you send me the order number?',
      'I am sorry for the trouble. I will check with the team and get back to you here.',
    ],
    scheduling: [
      'Sure{name}! Which day and time suit you best?',
      'Let me check the calendar and I will confirm here.',
      'Do you prefer the morning or the afternoon?',
    ],
    greeting: ['Hi{name}! How can I help?', 'Hello! How are you? What can I do for you?', 'Hi! Good to hear from you. What do you need?'],
    cancel: [
      'I understand{name}. May I ask why you would like to cancel?',
      'I can help with that. Could you confirm the order number or the e-mail of your account?',
      'Before you cancel, may I try to solve what happened?',
    ],
    payment: [
      'Alright{name}! I will check the payment and let you know here.',
      'Let me confirm the ways to pay and I will answer you here.',
      'If you have already paid, could you send me the receipt, please?',
    ],
    delivery: [
      'I will check the delivery for you{name}. Could you send me the order number?',
      'What is your postcode? Then I can check the delivery time and the shipping.',
      'I will ask the team about the delivery and let you know here.',
    ],
    other: [
      'Hi{name}! Could you tell me a little more so that I can help?',
      'I see. I will check and answer you here.',
      'I got your message! How can I help?',
    ],
    closing: [
      'Thank you{name}! If you need anything, just write.',
      'Alright! I am here if you need me.',
      'If you need anything else, just write to me here.',
    ],
  },
  steps: {
    purchase: "Confirm the product, the quantity and the customer's details, and close the order.",
    price_question: 'Send the price of what the customer asked about.',
    support: 'Ask for the details of the problem and help to solve it.',
    complaint: 'Apologise, find out what happened and say what happens next.',
    scheduling: 'Check the calendar and offer times.',
    greeting: 'Greet the customer and ask how you can help.',
    cancel: 'Find out the reason before you cancel.',
    payment: 'Check the payment and answer the customer.',
    delivery: 'Check where the delivery is and tell the customer.',
    other: 'Read the message and answer the customer.',
    closing: 'Nothing to answer now; wait for the customer.',
    call_back: 'Call the customer, who asked for a call.',
    hand_over: 'Hand the conversation over to a supervisor.',
  },
};
