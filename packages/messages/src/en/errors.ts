/**
 * Every error code in English: what happened and what to do. Surface-neutral: what one types on a command line stands in cli.ts.
 * `{wait}`, `{size}`, `{fieldName}` and `{regionName}` are made from the parameters by `errorText`.
 */
import type { ErrorCode } from '@nokkel/base'
import type { ErrorWords } from '../catalogue.ts'

export const errorsEn = {
  // the caller's input
  usage: {
    message: 'That was not understood.',
    hint: 'Check what you typed.',
    reasons: {
      'unknown-command': 'There is no command “{command}”.',
      'unknown-option': '“{option}” is not an option here.',
      'missing-argument': '{argument} is missing.',
      'missing-option': '{option} is missing.',
      'too-many-arguments': 'There are too many words after “{command}”.',
      'option-needs-value': '{option} needs a value.',
      'option-takes-no-value': '{option} takes no value.',
      'invalid-value': 'The value of {option} must be {expected}.',
      'not-together': '{option} and {other} cannot be used together.',
      'stdin-twice': 'Only one value can be read from standard input.',
      'needs-choice': 'Choose {option} or {other}.',
      'nothing-to-change': 'There is nothing to change.',
      'not-editable': '{fieldName} cannot be set by hand.',
    },
  },
  malformed: {
    message: ['This is not valid: {what}.', 'The data is not valid.'],
    hint: 'Check the input. If it came from the server, update the app and try again.',
    reasons: {
      site: 'This is not the address of a site.',
      id: 'This is not a valid identifier.',
      totp: 'This is not a key for verification codes.',
      response: 'The answer did not come from Nøkkelring, or this version does not know it.',
      base64url: 'The value is not valid base64url.',
    },
    hints: {
      response:
        'In hotels and trains the network answers in the server’s place until you have signed in to it: open a web page first. Otherwise check the server’s address, and update the app.',
    },
  },
  'too-large': {
    message: ['{fieldName} is too long.', 'This is larger than {size}.', 'This is too large.'],
    hint: 'Make it smaller and try again. Nothing was cut off or stored.',
  },
  'not-found': {
    message: ['“{name}” was not found.', 'It was not found.'],
    hint: 'Check the name or the identifier. It may have been deleted on another device.',
  },
  ambiguous: {
    message: ['“{name}” fits {count} different ones.', 'The name fits more than one.'],
    hint: 'Use the identifier, or more of it.',
  },
  'field-unknown': {
    message: ['There is no field “{field}” here.', 'There is no such field here.'],
    hint: 'Choose one of the fields of this kind, or make a custom field: custom:NAME.',
  },
  'secret-in-argument': {
    message: ['{option} would put a secret on the command line.', 'A secret must not stand on the command line.'],
    hint: 'Others on this machine can see command lines, and the shell keeps them. Nothing was stored; if the secret is real, change it.',
  },
  'format-unknown': {
    message: 'The file’s format was not recognised.',
    hint: 'Export again as CSV or JSON without a password, or name the format yourself.',
  },
  'import-encrypted': {
    message: 'The file is encrypted.',
    hint: 'Export again without encryption, import that file, and delete it afterwards.',
  },
  'import-too-many-rows': {
    message: ['The file has more than {limit} rows.', 'The file has too many rows.'],
    hint: 'Split it into several files.',
  },
  'weak-passcode': {
    message: 'This passcode is too easy to guess.',
    hint: 'Use at least six characters that are not a row, a repetition or a common word.',
    reasons: {
      'too-short': 'The passcode is too short.',
      'one-character': 'The passcode repeats one character.',
      run: 'The passcode is a row such as 123456.',
      repeated: 'The passcode repeats the same few characters.',
      common: 'This passcode is one of the most common ones.',
      'too-long': 'The passcode is too long.',
    },
  },
  'weak-security-code': {
    message: 'This security code is too easy to guess.',
    hint: 'Use six digits without a pattern, a longer code of your own, or let the device make one.',
    reasons: {
      'too-short': 'The security code is too short.',
      'too-long': 'The security code is too long. Of digits alone it has six; a longer one is of the kind “own”.',
      'not-digits': 'This security code has digits only.',
      'one-character': 'The security code repeats one character.',
      run: 'The security code is a row such as 123456.',
      pairs: 'The security code is made of pairs such as 112233.',
      repeated: 'The security code repeats the same few characters.',
      common: 'This security code is one of the first that anybody tries.',
      'too-simple': 'The security code has too few different characters for its length.',
    },
  },
  'weak-password': {
    message: 'This password is too easy to guess.',
    hint: 'Use at least ten characters that are not a row, a repetition or a common word.',
    reasons: {
      'too-short': 'The password is too short.',
      'one-character': 'The password repeats one character.',
      run: 'The password is a row such as 1234567890.',
      repeated: 'The password repeats the same few characters.',
      common: 'This password is one of the most common ones.',
      'too-long': 'The password is too long.',
    },
  },
  'email-invalid': { message: 'This is not a valid e-mail address.', hint: 'Write it as name@example.org.' },
  'server-url-invalid': {
    message: 'This is not a valid server address.',
    hint: 'Write it with https://, for example https://keys.example.org. Only this machine itself may be reached over plain http.',
    reasons: {
      scheme: 'The connection to the server must be encrypted (https).',
      parts: 'A server address ends after the name and the port.',
    },
  },
  'phone-invalid': { message: 'This is not a valid telephone number.', hint: 'Write it with the country code, for example +4722334455.' },
  'region-invalid': { message: 'This is not a valid country or region.', hint: 'Use the two-letter code, for example NO.' },
  'config-invalid': {
    message: ['The configuration is not valid: {what}.', 'The configuration is not valid.'],
    hint: 'Correct it and start again.',
  },

  // a proof was wrong
  'sign-in-failed': {
    message: 'The e-mail address or the password is wrong.',
    hint: 'Check both and try again. Use the account password, not the passcode of a device.',
  },
  'passcode-wrong': {
    message: 'The passcode is wrong.',
    hint: 'Use the passcode for this device, not the account password.',
  },
  'passcode-throttled': {
    message: ['Too many wrong passcodes. Wait {wait}.', 'Too many wrong passcodes.'],
    hint: 'Wait, then try again. Nothing is lost.',
  },
  'authenticator-wrong': {
    message: 'This device’s lock did not open the keychain.',
    hint: 'Use the passcode. If it happens again, turn the device’s lock off and on in the settings.',
  },
  'authenticator-missing': {
    message: 'This browser or device cannot open the keychain with its own lock.',
    hint: 'Go on with the passcode.',
  },
  'push-unavailable': {
    message: 'This browser does not allow notices while the app is closed.',
    hint: 'Allow notifications for this address in the browser. Everything is shown in the app all the same.',
  },
  'proof-needed': {
    message: 'Show that it is you first.',
    hint: 'Type the passcode of this device, or use its own lock.',
  },
  'code-wrong': {
    message: ['The approval code is wrong. {attemptsLeft} attempts left.', 'The approval code is wrong.'],
    hint: 'Read the six digits on the new device again. They belong to one request only.',
  },
  'recovery-code-wrong': {
    message: [
      'That code is wrong. Attempts left: {attemptsLeft}. Wait {wait} before the next.',
      'That code is wrong. Attempts left: {attemptsLeft}.',
      'That code is wrong.',
    ],
    hint: 'After the last attempt this way back is destroyed for everybody. Is it the code of the right device?',
  },
  'verification-code-wrong': {
    message: 'The verification code is wrong, or not valid any more.',
    hint: 'A code works once, for ten minutes, for what it was asked for, and on the device that asked. After three wrong tries ask for a new one.',
  },
  'escrow-refused': {
    message: 'The recovery service did not accept this.',
    hint: 'Sign in again and start the recovery anew.',
  },
  'open-failed': { message: 'The data could not be opened.', hint: 'It was made with another key, or it is damaged.' },
  'signature-invalid': { message: 'A signature is not valid.', hint: 'Check the clock of this device, update the app and try again.' },

  locked: { message: 'The keychain is locked on this device.', hint: 'Unlock it with the passcode of this device.' },

  // trust
  'not-signed-in': { message: 'This device is not signed in.', hint: 'Sign in or create an account first.' },
  'not-trusted': {
    message: 'This device is not trusted yet.',
    hint: 'Ask for approval and type the code on a device that is trusted.',
  },
  'device-removed': {
    message: ['This device was removed from the keychain by {by}.', 'This device was removed from the keychain.'],
    hint: 'It can ask to join again, if you want it to.',
  },
  'session-invalid': { message: 'The sign-in is no longer valid.', hint: 'Sign in again. What is stored on this device stays.' },
  'session-pending': {
    message: 'The password alone does not open the keychain.',
    hint: 'Ask for approval and type the code on a device that is trusted.',
  },
  'keychain-ended': {
    message: 'The keychain was reset.',
    hint: 'Join the new one. The copy on this device stays until you decide.',
  },
  'keychain-off': { message: 'The keychain is turned off on this device.', hint: 'Turn it on to use it here.' },

  // away
  offline: {
    message: 'There is no connection to the server.',
    hint: 'Check the network and the server address. What is on this device can be used, and changes are sent later.',
  },
  timeout: { message: 'The answer took too long.', hint: 'Try again in a moment.' },
  'realms-unavailable': {
    message: 'Too few recovery services answer.',
    hint: 'No attempt was used for what could not succeed. Try again later.',
    reasons: { none: 'This server offers no recovery by a code.' },
  },
  'server-unavailable': {
    message: 'The server cannot answer right now.',
    hint: 'Look at its system status and try again later. Changes wait on this device.',
    hints: {
      response:
        'In hotels and trains the network answers in the server’s place until you have signed in to it: open a web page first. Otherwise look at the server’s system status and try again later. Changes wait on this device.',
    },
  },

  // refused
  'account-exists': { message: 'There is already an account with this e-mail address.', hint: 'Sign in instead.' },
  'registration-closed': { message: 'This server does not accept new accounts.', hint: 'Ask its operator.' },
  'rate-limited': {
    message: ['Too many attempts. Wait {wait}.', 'Too many attempts in a short time.'],
    hint: 'Wait, then try again.',
  },
  'quota-exceeded': {
    message: 'The space of the account is used up.',
    hint: 'Delete what you no longer need, or ask the operator for more.',
  },
  'client-too-old': {
    message: ['This app is too old for the server, which asks for {minimum} or newer.', 'This app is too old for the server.'],
    hint: 'Update it. Until then everything on this device can be used; changes are kept and sent afterwards.',
  },
  'server-too-old': { message: 'The server is too old for this app.', hint: 'Ask the operator to update it.' },
  'region-unavailable': {
    message: [
      'Nøkkelring is not offered in {regionName} by this server.',
      'Nøkkelring is not offered in this country or region by this server.',
    ],
    hint: 'What is already on this device can be used. Synchronising is paused.',
  },
  'clock-skew': {
    message: ['The clock of this device is wrong by {skew}.', 'The clock of this device is wrong.'],
    hint: 'Set date and time, best automatically, and try again.',
  },
  'last-device': {
    message: 'This is the last device with the keychain on.',
    hint: 'If it is also deleted here, nobody can bring it back.',
  },
  'device-limit': {
    message: ['There are already {limit} devices.', 'There are too many devices.'],
    hint: 'Remove one that you no longer use.',
  },
  'already-signed-in': {
    message: 'This device is already signed in.',
    hint: 'Sign out first, or use another folder for another account.',
  },
  'already-on': { message: 'The keychain is already on here.', hint: 'There is nothing to do.' },
  'already-trusted': {
    message: 'This device is already trusted.',
    hint: 'There is nothing to do.',
    reasons: { 'sign-out': 'A trusted device cannot just be signed out: it would stay among the trusted ones for ever.' },
  },
  'other-account-copy': {
    message: 'This device still holds a copy of another keychain.',
    hint: 'Say whether it is to go into the new keychain or away, or use another folder.',
  },
  'recovery-key-invalid': {
    message: 'That recovery key is not written as it was given.',
    hint: 'Compare it with the paper, character by character. No attempt was used.',
    reasons: {
      character: 'Sign {at} cannot be in a recovery key.',
      length: 'A recovery key has 28 characters; this has {length}.',
      checksum: 'A character of the recovery key is wrong, or two changed places.',
    },
  },
  'recovery-key-exists': {
    message: 'There is a recovery key already.',
    hint: 'Replace it, which makes the old one worthless, or keep it.',
  },
  'recovery-key-unknown': {
    message: 'This recovery key does not open this account.',
    hint: 'It may belong to another account, or have been replaced or revoked.',
  },
  'recovery-stale': {
    message: 'The keys have just been renewed, and the way back with them is not laid down yet.',
    hint: 'Try again once one of the devices has been online.',
  },
  'recovery-unknown': {
    message: 'There is no such way back.',
    hint: 'Choose another way back, or have this device approved by another.',
  },
  'recovery-wait': {
    message: ['Too many wrong codes. Wait {wait}; {attemptsLeft} attempts are left.', 'Too many wrong codes.'],
    hint: 'Wait, then try again. Meanwhile another device can approve this one.',
  },
  'recovery-burned': {
    message: 'The code was wrong too many times. This way back is destroyed, for everybody.',
    hint: 'Have this device approved by another, use the recovery key, or reset the keychain. A trusted device can set a new code.',
  },
  'recovery-locked': {
    message: 'This way back is locked.',
    hint: 'The recovery service was restored from an older state, or a trusted device has locked it. A trusted device can set a new code.',
  },
  'realms-changed': {
    message: 'The server names other recovery services than before, signed by others.',
    hint: 'Ask who runs the server. If they know of the change, accept it under Ways back (“nokkel realms accept”).',
  },
  'verification-needed': {
    message: 'A verification code comes first.',
    hint: 'Have one sent to your number, or shown on a trusted device, and type it here.',
  },
  'password-needed': {
    message: 'The account’s password is needed once more.',
    hint: 'Sign in again on this device.',
  },
  'two-factor-on': {
    message: 'With two factors on there is no security code.',
    hint: 'A new device is brought back by the passcode of one of your devices. There is nothing to set.',
  },
  'two-factor-off': {
    message: 'Two factors are off.',
    hint: 'With two factors off the keychain has a security code instead. Set one under Ways back (“nokkel security-code set”).',
  },
  'qr-invalid': {
    message: 'This is not the QR code of a device that waits for approval.',
    hint: 'Scan the one that the new device shows, or type its six digits.',
  },
  'qr-outdated': {
    message: 'This QR code is shown no longer, or belongs to another request.',
    hint: 'Have the new device show a new one, or type its six digits.',
  },
  'policy-forbids': {
    message: 'This device may not change who has the keychain, or how one gets it back.',
    hint: 'Do it on a device that is not limited. What browsers may do is set with “nokkel policy set” or under Devices.',
  },
  'number-missing': {
    message: 'The account has no verification number.',
    hint: 'Choose one on a trusted device.',
  },
  'number-limit': { message: 'There is no room for another number.', hint: 'Remove one of the others first.' },
  'turn-off-first': { message: 'The keychain is on here.', hint: 'Turn it off on this device first.' },
  'cannot-remove-self': { message: 'A device cannot remove itself.', hint: 'Turn the keychain off here instead.' },
  'method-not-allowed': { message: 'The server does not do this.', hint: 'Update the app or the server.' },

  // approval of a new device
  'request-not-found': {
    message: 'There is no such request.',
    hint: 'It may have been answered or withdrawn. Look at the list of requests.',
  },
  'request-expired': { message: 'The request has expired.', hint: 'Ask for approval again on the new device.' },
  'request-declined': {
    message: ['{by} declined the request.', 'The request was declined.'],
    hint: 'If that was a mistake, ask for approval again.',
  },
  'applicant-offline': {
    message: 'The new device does not answer.',
    hint: 'Keep it on, connected and unlocked, then type the code again. This was not counted as an attempt.',
  },
  'code-attempts-used': {
    message: 'The code was wrong too many times.',
    hint: 'Ask for approval again on the new device; it shows a new code.',
  },
  'join-failed': { message: 'The approval could not be completed.', hint: 'Try again. If it happens again, somebody may be in between.' },

  // the server was caught
  'circle-forked': {
    message: 'The server shows different devices different lists of trusted devices.',
    hint: 'Nothing more is sent. Compare the devices, and do not trust this server before its operator has explained it.',
  },
  'circle-rolled-back': {
    message: 'The server shows an older list of trusted devices than this device has already seen.',
    hint: 'Nothing more is sent. It may have been restored from a backup; ask the operator.',
  },
  'circle-invalid': {
    message: ['The list of trusted devices breaks its own rules ({rule}).', 'The list of trusted devices breaks its own rules.'],
    hint: 'Nothing of it is used. Ask the operator, and keep this device’s data.',
  },
  'circle-mismatch': {
    message: 'The keychain that the server shows does not belong to this account.',
    hint: 'Do not go on. Check the server address, and approve from a trusted device only.',
  },
  'record-withheld': {
    message: 'The server holds something back that another device has sent.',
    hint: 'What is here stays. Ask the operator; other devices still have it.',
  },
  'record-forged': {
    message: 'The server sent something that none of your devices has written.',
    hint: 'It was not used. Ask the operator.',
  },
  'batch-gap': {
    message: 'Changes are missing in what the server sent.',
    hint: 'Nothing of it was used. Try again; if it stays, ask the operator.',
  },
  'batch-equivocation': {
    message: 'There are two different versions of the same change.',
    hint: 'A device may have been copied or restored from a backup. Remove it and let it join anew.',
  },
  'state-diverged': {
    message: 'This device and another one do not see the same keychain.',
    hint: 'Nothing is lost. Synchronise both; if it stays, ask the operator.',
  },
  'log-rolled-back': {
    message: 'The server shows an older state of the keychain than this device has already seen.',
    hint: 'What is here stays, and nothing more is sent. The server may have been restored from a backup; ask the operator.',
  },
  'update-needed': {
    message: 'A newer app has written something that this one does not understand.',
    hint: 'Update the app. Until then nothing of it is changed.',
  },
  'share-invalid': {
    message: 'The key that the server handed over for this device is not valid.',
    hint: 'It was not used. Synchronise on another trusted device, then here.',
  },

  // concurrent change
  conflict: { message: 'Something else changed at the same moment.', hint: 'Try again.' },
  'circle-moved': { message: 'The list of trusted devices changed at the same moment.', hint: 'Try again.' },
  'epoch-old': { message: 'The keys were renewed at the same moment.', hint: 'Try again.' },
  'cursor-gone': { message: 'The server’s log begins anew.', hint: 'Synchronise again; this device sends what the server lacks.' },
  busy: { message: 'The server is busy.', hint: 'Try again in a moment.' },

  // this machine
  'disk-full': { message: 'The disk is full.', hint: 'Make room and try again. What was stored before is unharmed.' },
  'store-damaged': {
    message: 'The keychain’s file on this device is damaged.',
    hint: 'It is moved aside and fetched anew from the server. Do not delete the old file before that is done.',
  },
  'store-too-new': { message: 'The keychain’s file was written by a newer app.', hint: 'Update this one.' },
  'home-in-use': {
    message: 'Another program is using this keychain folder.',
    hint: 'Wait until it is done, or end it.',
  },
  cancelled: { message: 'Cancelled.', hint: 'Nothing was left half done.' },
  internal: { message: 'Something went wrong that should not.', hint: 'Please report it with what you did just before.' },
  'io-failed': {
    message: ['{path} could not be read or written.', 'A file could not be read or written.'],
    hint: 'Check that it exists and that you may use it.',
  },
} as const satisfies Record<ErrorCode, ErrorWords>
